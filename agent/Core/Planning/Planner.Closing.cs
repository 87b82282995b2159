using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>A network with security groups lets nothing through for whom nobody prepared a port: guests that are there already lose their traffic.</summary>
public sealed partial class Planner
{
    private void CheckClosing(NetworkDesign design)
    {
        var id = design.Network.Id;
        if (_allowDisruption
            || design.Network.Security is null
            || _before.Networks.GetValueOrDefault(id)?.Network.Security is not null
            || _state.Find(design.Bridge.Name) is not { } bridge)
        {
            return;
        }

        var known = _after.Ports.Values.Where(p => p.Port.Network == id).Select(p => p.Device).Append(design.Device.Name).ToHashSet(StringComparer.Ordinal);
        var unknown = Ports(bridge).Select(p => p.Name).Where(name => !known.Contains(name)).ToList();
        if (unknown.Count == 0)
        {
            return;
        }

        _failures.Add(new Failure
        {
            Operation = "plan",
            Subject = ObjectRef.Network(id),
            Reason = "DISRUPTION_NOT_ALLOWED",
            Message = $"security groups on {bridge.Name} would cut off {string.Join(", ", unknown)}, which no port of network {id} is about",
            Remedy = "Apply the network together with its ports, or set allow_disruption",
        });
    }
}
