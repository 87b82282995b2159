using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>The control network's bridge: pinned, for system VMs come and go and must always find the host at the same MAC.</summary>
internal static class ControlDesign
{
    private const int DefaultMtu = 1500;

    public static LinkSpec Spec(ControlNetwork control, string hostname, HostState state) => new()
    {
        Name = control.Bridge,
        Kind = LinkKind.Bridge,
        Alias = new Ownership(Ownership.Control, control.Bridge).Alias,
        Mtu = control.Mtu ?? DefaultMtu,

        // One that is here keeps its MAC, even if the host is called something else by now.
        Mac = state.Find(control.Bridge)?.Mac is { } mac && mac != MacAddress.Zero ? mac : KernelNames.BridgeMac(hostname, control.Bridge),
        Bridge = BridgeDefaults.Settings(null),
    };
}
