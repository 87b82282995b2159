using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class PhysicalNetworkMapping
{
    public static PhysicalNetwork ToModel(V1.PhysicalNetwork physical, FieldPath path, RequestErrors errors) => new()
    {
        Label = physical.Label,
        TrafficTypes = ToTrafficTypes(physical, path, errors),
        Mode = physical.Mode switch
        {
            V1.PhysicalNetworkMode.Unspecified or V1.PhysicalNetworkMode.CheckOnly => PhysicalNetworkMode.CheckOnly,
            V1.PhysicalNetworkMode.Manage => PhysicalNetworkMode.Manage,
            var other => errors.UnknownValue((int)other, nameof(PhysicalNetworkMode), new FieldPath($"{path}.mode"), PhysicalNetworkMode.CheckOnly),
        },
        Uplink = physical.Uplink,
        Mtu = physical.HasMtu ? Numbers.ToModel(physical.Mtu) : null,
        Bridge = BridgeOptionsMapping.ToModel(physical.Bridge, path, errors),
        TunnelAddress = errors.Address(physical.TunnelAddress, path, "tunnel_address"),
    };

    public static V1.PhysicalNetwork ToMessage(PhysicalNetwork physical)
    {
        var message = new V1.PhysicalNetwork
        {
            Label = physical.Label,
            Mode = physical.Mode == PhysicalNetworkMode.Manage ? V1.PhysicalNetworkMode.Manage : V1.PhysicalNetworkMode.CheckOnly,
            Uplink = physical.Uplink,
            Bridge = BridgeOptionsMapping.ToMessage(physical.Bridge),
            TunnelAddress = physical.TunnelAddress?.ToString() ?? "",
        };
        foreach (var type in physical.TrafficTypes)
        {
            message.TrafficTypes.Add(type switch
            {
                TrafficType.Management => V1.TrafficType.Management,
                TrafficType.Public => V1.TrafficType.Public,
                TrafficType.Guest => V1.TrafficType.Guest,
                _ => V1.TrafficType.Storage,
            });
        }

        if (physical.Mtu is { } mtu)
        {
            message.Mtu = (uint)mtu;
        }

        return message;
    }

    public static V1.PhysicalNetworkCheck ToMessage(PhysicalCheck check)
    {
        var message = new V1.PhysicalNetworkCheck
        {
            Label = check.Label,
            Result = check.Result switch
            {
                PhysicalCheckResult.Found => V1.PhysicalNetworkCheckResult.Found,
                PhysicalCheckResult.Missing => V1.PhysicalNetworkCheckResult.Missing,
                PhysicalCheckResult.NoUplink => V1.PhysicalNetworkCheckResult.NoUplink,
                PhysicalCheckResult.UplinkDown => V1.PhysicalNetworkCheckResult.UplinkDown,
                PhysicalCheckResult.MtuTooSmall => V1.PhysicalNetworkCheckResult.MtuTooSmall,
                PhysicalCheckResult.Conflict => V1.PhysicalNetworkCheckResult.Conflict,
                PhysicalCheckResult.ToBeMade => V1.PhysicalNetworkCheckResult.ToBeMade,
                _ => V1.PhysicalNetworkCheckResult.Unknown,
            },
            Message = check.Message,
            Bridge = check.Bridge,
            Uplink = check.Uplink,
        };
        if (check.Mtu is { } mtu)
        {
            message.Mtu = (uint)mtu;
        }

        message.BridgesHere.Add(check.BridgesHere.Order(StringComparer.Ordinal));
        message.Problems.Add(check.Problems.Select(FailureMapping.ToMessage));
        return message;
    }

    private static ValueList<TrafficType> ToTrafficTypes(V1.PhysicalNetwork physical, FieldPath path, RequestErrors errors)
    {
        var types = ImmutableArray.CreateBuilder<TrafficType>(physical.TrafficTypes.Count);
        for (var i = 0; i < physical.TrafficTypes.Count; i++)
        {
            types.Add(physical.TrafficTypes[i] switch
            {
                V1.TrafficType.Management => TrafficType.Management,
                V1.TrafficType.Public => TrafficType.Public,
                V1.TrafficType.Guest => TrafficType.Guest,
                V1.TrafficType.Storage => TrafficType.Storage,
                var other => errors.UnknownValue((int)other, nameof(TrafficType), new FieldPath($"{path}.traffic_types", i), (TrafficType)(-1 - i)),
            });
        }

        return new ValueList<TrafficType>(types.MoveToImmutable());
    }
}
