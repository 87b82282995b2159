using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class BridgeOptionsMapping
{
    /// <param name="options">What was asked for; null if nothing was.</param>
    /// <param name="path">Of what has the bridge, as its field <c>bridge</c>.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static BridgeOptions? ToModel(V1.BridgeOptions? options, FieldPath path, RequestErrors errors) => options is null ? null : new()
    {
        Stp = options.HasStp ? options.Stp : null,
        ForwardDelayMs = options.HasForwardDelayMs ? Numbers.ToModel(options.ForwardDelayMs) : null,
        Mac = errors.Mac(options.Mac, path, "bridge.mac"),
        MulticastSnooping = options.HasMulticastSnooping ? options.MulticastSnooping : null,
        MulticastQuerier = options.HasMulticastQuerier ? options.MulticastQuerier : null,
        GroupFwdMask = options.HasGroupFwdMask ? Numbers.ToModel(options.GroupFwdMask) : null,
        AgeingMs = options.HasAgeingMs ? Numbers.ToModel(options.AgeingMs) : null,
    };

    public static V1.BridgeOptions? ToMessage(BridgeOptions? options)
    {
        if (options is null)
        {
            return null;
        }

        var message = new V1.BridgeOptions { Mac = options.Mac?.ToString() ?? "" };
        if (options.Stp is { } stp)
        {
            message.Stp = stp;
        }

        if (options.ForwardDelayMs is { } delay)
        {
            message.ForwardDelayMs = (uint)delay;
        }

        if (options.MulticastSnooping is { } snooping)
        {
            message.MulticastSnooping = snooping;
        }

        if (options.MulticastQuerier is { } querier)
        {
            message.MulticastQuerier = querier;
        }

        if (options.GroupFwdMask is { } mask)
        {
            message.GroupFwdMask = (uint)mask;
        }

        if (options.AgeingMs is { } ageing)
        {
            message.AgeingMs = (uint)ageing;
        }

        return message;
    }
}
