using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Drifts;

/// <summary>Which part of the desired state the kernel's reports concern.</summary>
internal static class DriftScope
{
    /// <summary>Null if none.</summary>
    public static PlanScope? Of(KernelChange change, Desired desired, HostState state)
    {
        if (change.ReadAnew || change.Settings || change.Filter)
        {
            return PlanScope.Everything;
        }

        HashSet<string>? networks = null;
        foreach (var device in change.Devices)
        {
            if (desired.Claims.TryGetValue(device, out var network))
            {
                (networks ??= new HashSet<string>(StringComparer.Ordinal)).Add(network);
            }
            else if (IsHosts(device, desired))
            {
                // What networks stand on: anything may follow from it.
                return PlanScope.Everything;
            }
            else if (state.Find(device) is { } link && Ownership.Read(link.Alias) is { Kind: not Ownership.Port } owner)
            {
                if (owner.Kind != Ownership.Network)
                {
                    return PlanScope.Everything;
                }

                (networks ??= new HashSet<string>(StringComparer.Ordinal)).Add(owner.Id);
            }
        }

        if (!change.Devices.IsEmpty && (!desired.Config.Ports.IsEmpty || state.ShapedLinks.Any()))
        {
            // A port's device may have come, gone or moved, or what holds it to a rate.
            networks ??= [];
        }

        return networks is null ? null : new PlanScope(networks);
    }

    private static bool IsHosts(string device, Desired desired) =>
        desired.Config.ControlNetwork?.Bridge == device
        || desired.Config.PhysicalNetworks.Values.Any(p => p.Label == device || p.Uplink == device)
        || desired.Underlays.Values.Any(u => u.Bridge == device || u.Uplink == device);
}
