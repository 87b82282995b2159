using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>The control network's bridge: pinned, for system VMs come and go and must always find the host at the same MAC.</summary>
internal static class ControlDesign
{
    private const int DefaultMtu = 1500;

    public static LinkSpec Spec(ControlNetwork control, string hostname) => new()
    {
        Name = control.Bridge,
        Kind = LinkKind.Bridge,
        Alias = new Ownership(Ownership.Control, control.Bridge).Alias,
        Mtu = control.Mtu ?? DefaultMtu,
        Mac = KernelNames.BridgeMac(hostname, control.Bridge),
        Bridge = BridgeDefaults.Settings(null),
    };
}
