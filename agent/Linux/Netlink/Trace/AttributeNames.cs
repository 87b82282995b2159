using System.Globalization;
using Cloudbr.Agent.Linux.Netlink.Families;

namespace Cloudbr.Agent.Linux.Netlink.Trace;

/// <summary>The kernel's names for messages and attributes, for the trace.</summary>
internal static class AttributeNames
{
    private static readonly Dictionary<ushort, string> Messages = new()
    {
        [2] = "NLMSG_ERROR",
        [3] = "NLMSG_DONE",
        [RtmType.NewLink] = "RTM_NEWLINK",
        [RtmType.DelLink] = "RTM_DELLINK",
        [RtmType.GetLink] = "RTM_GETLINK",
        [RtmType.NewAddress] = "RTM_NEWADDR",
        [RtmType.DelAddress] = "RTM_DELADDR",
        [RtmType.GetAddress] = "RTM_GETADDR",
        [RtmType.NewRoute] = "RTM_NEWROUTE",
        [RtmType.DelRoute] = "RTM_DELROUTE",
        [RtmType.GetRoute] = "RTM_GETROUTE",
        [RtmType.NewNeighbour] = "RTM_NEWNEIGH",
        [RtmType.DelNeighbour] = "RTM_DELNEIGH",
        [RtmType.GetNeighbour] = "RTM_GETNEIGH",
        [RtmType.NewQdisc] = "RTM_NEWQDISC",
        [RtmType.DelQdisc] = "RTM_DELQDISC",
        [RtmType.GetQdisc] = "RTM_GETQDISC",
        [RtmType.NewFilter] = "RTM_NEWTFILTER",
        [RtmType.DelFilter] = "RTM_DELTFILTER",
        [RtmType.GetFilter] = "RTM_GETTFILTER",
        [RtmType.NewAction] = "RTM_NEWACTION",
        [RtmType.NewLinkProperty] = "RTM_NEWLINKPROP",
        [RtmType.DelLinkProperty] = "RTM_DELLINKPROP",
    };

    /// <summary>By table: the names of the types from 1 on. A name with a colon is a nest, and says which table is in it.</summary>
    private static readonly Dictionary<string, string[]> Tables = new()
    {
        ["IFLA"] =
        [
            "ADDRESS", "BROADCAST", "IFNAME", "MTU", "LINK", "QDISC", "STATS", "COST", "PRIORITY", "MASTER", "WIRELESS", "PROTINFO",
            "TXQLEN", "MAP", "WEIGHT", "OPERSTATE", "LINKMODE", "LINKINFO:IFLA_INFO", "NET_NS_PID", "IFALIAS", "NUM_VF", "VFINFO_LIST",
            "STATS64", "VF_PORTS", "PORT_SELF", "AF_SPEC:AF", "GROUP", "NET_NS_FD", "EXT_MASK", "PROMISCUITY", "NUM_TX_QUEUES",
            "NUM_RX_QUEUES", "CARRIER", "PHYS_PORT_ID", "CARRIER_CHANGES", "PHYS_SWITCH_ID", "LINK_NETNSID", "PHYS_PORT_NAME",
            "PROTO_DOWN", "GSO_MAX_SEGS", "GSO_MAX_SIZE", "PAD", "XDP:IFLA_XDP", "EVENT", "NEW_NETNSID", "TARGET_NETNSID",
            "CARRIER_UP_COUNT", "CARRIER_DOWN_COUNT", "NEW_IFINDEX", "MIN_MTU", "MAX_MTU", "PROP_LIST:IFLA", "ALT_IFNAME",
            "PERM_ADDRESS", "PROTO_DOWN_REASON", "PARENT_DEV_NAME", "PARENT_DEV_BUS_NAME",
        ],
        ["IFLA_INFO"] = ["KIND", "DATA:", "XSTATS", "SLAVE_KIND", "SLAVE_DATA:IFLA_BRPORT"],
        ["IFLA_BRPORT"] =
        [
            "STATE", "PRIORITY", "COST", "MODE", "GUARD", "PROTECT", "FAST_LEAVE", "LEARNING", "UNICAST_FLOOD", "PROXYARP",
        ],
        ["IFA"] =
        [
            "ADDRESS", "LOCAL", "LABEL", "BROADCAST", "ANYCAST", "CACHEINFO", "MULTICAST", "FLAGS", "RT_PRIORITY", "TARGET_NETNSID",
            "PROTO",
        ],
        ["RTA"] =
        [
            "DST", "SRC", "IIF", "OIF", "GATEWAY", "PRIORITY", "PREFSRC", "METRICS", "MULTIPATH", "PROTOINFO", "FLOW", "CACHEINFO",
            "SESSION", "MP_ALGO", "TABLE", "MARK", "MFC_STATS", "VIA", "NEWDST", "PREF", "ENCAP_TYPE", "ENCAP", "EXPIRES", "PAD",
            "UID", "TTL_PROPAGATE", "IP_PROTO", "SPORT", "DPORT", "NH_ID",
        ],
        ["NDA"] =
        [
            "DST", "LLADDR", "CACHEINFO", "PROBES", "VLAN", "PORT", "VNI", "IFINDEX", "MASTER", "LINK_NETNSID", "SRC_VNI", "PROTOCOL",
            "NH_ID", "FDB_EXT_ATTRS", "FLAGS_EXT",
        ],
        ["TCA"] = ["KIND", "OPTIONS", "STATS", "XSTATS", "RATE", "FCNT", "STATS2", "STAB"],
    };

    public static string OfMessage(ushort type) =>
        Messages.TryGetValue(type, out var name) ? name : string.Create(CultureInfo.InvariantCulture, $"message {type}");

    /// <summary>The table for the attributes of a message; empty if there is none.</summary>
    public static string TableOf(ushort message) => message switch
    {
        (>= RtmType.NewLink and <= RtmType.GetLink + 1) or RtmType.NewLinkProperty or RtmType.DelLinkProperty => "IFLA",
        >= RtmType.NewAddress and <= RtmType.GetAddress => "IFA",
        >= RtmType.NewRoute and <= RtmType.GetRoute => "RTA",
        >= RtmType.NewNeighbour and <= RtmType.GetNeighbour => "NDA",
        >= RtmType.NewQdisc and <= RtmType.GetQdisc => "TCA",
        _ => "",
    };

    /// <summary>The attribute's name, and the table for what is in it if it is a nest.</summary>
    public static (string Name, string? Nested) Of(string table, ushort type)
    {
        if (!Tables.TryGetValue(table, out var names) || type < 1 || type > names.Length)
        {
            return (type.ToString(CultureInfo.InvariantCulture), null);
        }

        var name = names[type - 1];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? ($"{table}_{name}", null) : ($"{table}_{name[..colon]}", name[(colon + 1)..]);
    }
}
