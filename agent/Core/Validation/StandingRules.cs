using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>
/// What the parts of a config need of each other, asked again when a change has its turn: others may have had theirs since the request
/// was read. And whether a network may go, which only its turn tells.
/// </summary>
public static class StandingRules
{
    /// <param name="edit">What is asked for.</param>
    /// <param name="before">The config in force when its turn comes.</param>
    /// <param name="after">The config with it.</param>
    public static Failure? Of(ConfigEdit edit, HostConfig before, HostConfig after) => edit switch
    {
        RemoveNetwork remove => before.Networks.ContainsKey(remove.Id) ? OfRemoval(remove.Id, before) : null,
        PutNetwork put => Failed(ObjectRef.Network(put.Network.Id), v => CheckNetwork(put.Network, before, new FieldPath("network"), v)),
        PutPort put => Failed(ObjectRef.Port(put.Port.NicId), v => CheckPort(put.Port, after, new FieldPath("port"), v)),
        ReplaceConfig => OfAll(after),
        _ => null,
    };

    /// <summary>A network that comes or changes beside the ports and settings of the config in force.</summary>
    public static void CheckNetwork(Network network, HostConfig inForce, FieldPath path, Violations violations)
    {
        if (network.Security is null && inForce.Networks.GetValueOrDefault(network.Id)?.Security is not null
            && inForce.Ports.Values.Where(p => p.Network == network.Id && p.Security is not null).Select(p => p.NicId).Min(StringComparer.Ordinal) is { } port)
        {
            violations.Add($"{path}.security", PortReferenceRules.Needed(port));
        }

        BridgeFilterRules.CheckNetwork(network, inForce.Settings, path, violations);
    }

    /// <summary>A port beside all else in the config that it comes to.</summary>
    public static void CheckPort(Port port, HostConfig config, FieldPath path, Violations violations)
    {
        PortNeeds.Check(port, config.Networks.GetValueOrDefault, config.AddressGroups.ContainsKey, path, violations);
        foreach (var (id, other) in config.Ports)
        {
            if (other.Mac == port.Mac && other.Network == port.Network && id != port.NicId)
            {
                violations.Add($"{path}.mac", $"{port.Mac} is also that of port {id} in network {port.Network}");
            }

            if (port.Device.Length > 0 && other.Device == port.Device && id != port.NicId)
            {
                violations.Add($"{path}.device", $"{port.Device} is also that of port {id}");
            }
        }
    }

    private static Failure? OfAll(HostConfig after)
    {
        foreach (var port in after.Ports.Values)
        {
            if (Failed(
                ObjectRef.Port(port.NicId),
                v => PortNeeds.Check(port, after.Networks.GetValueOrDefault, after.AddressGroups.ContainsKey, new FieldPath("port"), v)) is { } failure)
            {
                return failure;
            }
        }

        foreach (var network in after.Networks.Values)
        {
            if (Failed(
                ObjectRef.Network(network.Id),
                v => BridgeFilterRules.CheckNetwork(network, after.Settings, new FieldPath("network"), v)) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private static Failure? OfRemoval(string id, HostConfig before)
    {
        var ports = before.Ports.Values.Where(p => p.Network == id).Select(p => p.NicId).Order(StringComparer.Ordinal).ToList();
        return ports.Count == 0 ? null : new Failure
        {
            Operation = "shutdown",
            Subject = ObjectRef.Network(id),
            Reason = "HAS_PORTS",
            Message = $"network {id} has {(ports.Count == 1 ? "the port" : $"{ports.Count} ports, the first of them")} {ports[0]}",
            Remedy = "Release its ports first",
        };
    }

    private static Failure? Failed(ObjectRef subject, Action<Violations> check)
    {
        var violations = new Violations();
        check(violations);
        return violations.Any ? new Failure
        {
            Operation = "change",
            Subject = subject,
            Reason = "CONFIG_CHANGED",
            Message = $"since the request was read another change was made that it does not go with: {violations.Found[0].FieldPath} {violations.Found[0].Reason}",
            Remedy = "read the configuration again and decide anew",
        } : null;
    }
}
