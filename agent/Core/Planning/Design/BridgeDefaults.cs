using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>What a bridge is unless the configuration says otherwise: forwarding at once, deciding nothing for its guests.</summary>
public static class BridgeDefaults
{
    private const int AgeingMs = 300_000;

    /// <summary>One for all: hosts have thousands of bridges without options.</summary>
    private static readonly BridgeSettings Plain = Of(new BridgeOptions());

    public static BridgeSettings Settings(BridgeOptions? options) => options is null ? Plain : Of(options);

    private static BridgeSettings Of(BridgeOptions options) => new(
        Stp: options.Stp ?? false,
        ForwardDelayMs: options.ForwardDelayMs ?? 0,
        MulticastSnooping: options.MulticastSnooping ?? false,
        MulticastQuerier: options.MulticastQuerier ?? false,
        GroupFwdMask: options.GroupFwdMask ?? 0,
        AgeingMs: options.AgeingMs ?? AgeingMs);
}
