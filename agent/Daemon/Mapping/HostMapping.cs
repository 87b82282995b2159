using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>What concerns the host itself: the control network, who may reach it, and kernel settings.</summary>
internal static class HostMapping
{
    public static ControlNetwork? ToModel(V1.ControlNetwork? control, string path, RequestErrors errors) => control is null ? null : new(
        control.Bridge.Length == 0 ? ControlNetwork.DefaultBridge : control.Bridge,
        ToAddress(control.Address, path, errors),
        control.HasMtu ? Numbers.ToModel(control.Mtu) : null);

    public static V1.ControlNetwork? ToMessage(ControlNetwork? control)
    {
        if (control is null)
        {
            return null;
        }

        var message = new V1.ControlNetwork { Bridge = control.Bridge, Address = control.Address.ToString() };
        if (control.Mtu is { } mtu)
        {
            message.Mtu = (uint)mtu;
        }

        return message;
    }

    public static HostAccess? ToModel(V1.HostAccess? access, string path, RequestErrors errors) => access is null ? null : new(
        PrefixMapping.ToModel(access.ManagementCidrs, new FieldPath(path), "management_cidrs", errors),
        PrefixMapping.ToModel(access.PeerCidrs, new FieldPath(path), "peer_cidrs", errors));

    public static V1.HostAccess? ToMessage(HostAccess? access)
    {
        if (access is null)
        {
            return null;
        }

        var message = new V1.HostAccess();
        PrefixMapping.Add(access.ManagementCidrs, message.ManagementCidrs);
        PrefixMapping.Add(access.PeerCidrs, message.PeerCidrs);
        return message;
    }

    public static HostSettings? ToModel(V1.HostSettings? settings) => settings is null ? null : new()
    {
        IpForward = settings.HasIpForward ? settings.IpForward : null,
        Ipv6Forward = settings.HasIpv6Forward ? settings.Ipv6Forward : null,
        BridgeNfCallIptables = settings.HasBridgeNfCallIptables ? settings.BridgeNfCallIptables : null,
        BridgeNfCallIp6tables = settings.HasBridgeNfCallIp6Tables ? settings.BridgeNfCallIp6Tables : null,
        BridgeNfCallArptables = settings.HasBridgeNfCallArptables ? settings.BridgeNfCallArptables : null,
        Ipv4Neighbours = ToModel(settings.Ipv4Neighbours),
        Ipv6Neighbours = ToModel(settings.Ipv6Neighbours),
        IgmpMaxMemberships = settings.HasIgmpMaxMemberships ? Numbers.ToModel(settings.IgmpMaxMemberships) : null,
    };

    public static V1.HostSettings? ToMessage(HostSettings? settings)
    {
        if (settings is null)
        {
            return null;
        }

        var message = new V1.HostSettings
        {
            Ipv4Neighbours = ToMessage(settings.Ipv4Neighbours),
            Ipv6Neighbours = ToMessage(settings.Ipv6Neighbours),
        };
        if (settings.IpForward is { } ipForward)
        {
            message.IpForward = ipForward;
        }

        if (settings.Ipv6Forward is { } ipv6Forward)
        {
            message.Ipv6Forward = ipv6Forward;
        }

        if (settings.BridgeNfCallIptables is { } iptables)
        {
            message.BridgeNfCallIptables = iptables;
        }

        if (settings.BridgeNfCallIp6tables is { } ip6tables)
        {
            message.BridgeNfCallIp6Tables = ip6tables;
        }

        if (settings.BridgeNfCallArptables is { } arptables)
        {
            message.BridgeNfCallArptables = arptables;
        }

        if (settings.IgmpMaxMemberships is { } memberships)
        {
            message.IgmpMaxMemberships = (uint)memberships;
        }

        return message;
    }

    /// <summary>An address without a length would be one of a network that nobody else is in.</summary>
    private static IpPrefix ToAddress(string text, string path, RequestErrors errors)
    {
        if (text.Length == 0)
        {
            return ControlNetwork.DefaultAddress;
        }

        if (text.Contains('/', StringComparison.Ordinal) && IpPrefix.TryParse(text, out var prefix))
        {
            return prefix;
        }

        errors.Wrong.Add($"{path}.address", $"'{(text.Length <= 64 ? text : text[..64])}' is no address with a prefix length; write it as 169.254.0.1/16");
        return ControlNetwork.DefaultAddress;
    }

    private static NeighbourThresholds? ToModel(V1.NeighbourThresholds? thresholds) => thresholds is null ? null : new(
        thresholds.HasGcThresh1 ? Numbers.ToModel(thresholds.GcThresh1) : null,
        thresholds.HasGcThresh2 ? Numbers.ToModel(thresholds.GcThresh2) : null,
        thresholds.HasGcThresh3 ? Numbers.ToModel(thresholds.GcThresh3) : null);

    private static V1.NeighbourThresholds? ToMessage(NeighbourThresholds? thresholds)
    {
        if (thresholds is null)
        {
            return null;
        }

        var message = new V1.NeighbourThresholds();
        if (thresholds.GcThresh1 is { } first)
        {
            message.GcThresh1 = (uint)first;
        }

        if (thresholds.GcThresh2 is { } second)
        {
            message.GcThresh2 = (uint)second;
        }

        if (thresholds.GcThresh3 is { } third)
        {
            message.GcThresh3 = (uint)third;
        }

        return message;
    }
}
