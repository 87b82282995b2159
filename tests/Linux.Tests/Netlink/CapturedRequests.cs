namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>Requests as iproute2 6.1 sent them, header and all.</summary>
internal static class CapturedRequests
{
    /// <summary>ip link add name brvx-101 address 02:00:00:00:01:01 mtu 1450 type bridge forward_delay 400 ageing_time 12000 stp_state 0 group_fwd_mask 8 mcast_snooping 0 mcast_querier 1 nf_call_iptables 0 nf_call_ip6tables 0</summary>
    public const string MakeBridge =
        """
        9800000010000506e81f006b00000000000000000000000000000000000000000a000100020000000101000008000400aa0500000d0003006272
        76782d31303100000000540012000a000100627269646765000044000200080001009001000008000400e02e0000080005000000000006000900
        080000000500170000000000050019000100000005002400000000000500250000000000
        """;

    /// <summary>ip link add link under name under.7 mtu 1400 type vlan id 7</summary>
    public const string MakeVlan =
        """
        5400000010000506e81f006b0000000000000000000000000000000000000000080004007805000008000500030000000c000300756e6465722e
        37001800120008000100766c616e0c0002000600010007000000
        """;

    /// <summary>ip link add name vxlan101 mtu 1400 type vxlan id 101 dstport 4789 local 192.0.2.1 group 239.0.0.101 ttl 9 dev under learning</summary>
    public const string MakeVxlan =
        """
        8400000010000506e81f006b000000000000000000000000000000000000000008000400780500000d00030076786c616e313031000000004c00
        12000900010076786c616e0000003c00020005000500090000000800030003000000080001006500000008000400c000020108000200ef000065
        050007000100000006000f0012b50000
        """;

    /// <summary>ip link property add dev under altname a-long-name-of-the-bridge</summary>
    public const string AddAltName =
        """
        440000006c00050ee81f006b0000000000000000030000000000000000000000240034801e003500612d6c6f6e672d6e616d652d6f662d746865
        2d627269646765000000
        """;

    /// <summary>ip link set under master brvx-101</summary>
    public const string Join =
        """
        2800000010000500e81f006b000000000000000003000000000000000000000008000a0004000000
        """;

    /// <summary>ip link set under type bridge_slave learning off neigh_suppress on</summary>
    public const string SetPort =
        """
        4800000010000500e81f006b000000000000000003000000000000000000000028001200100001006272696467655f736c617665140005000500
        0800000000000500200001000000
        """;

    /// <summary>bridge fdb append 00:00:00:00:00:00 dev vxlan101 dst 192.0.2.9 self permanent</summary>
    public const string AppendFlood =
        """
        300000001c00050ce91f006b000000000700000005000000c00002000a000200000000000000000008000100c0000209
        """;

    /// <summary>ip addr add 192.0.2.1/24 brd 192.0.2.255 dev under label under:1 valid_lft 7000 preferred_lft 3000 metric 50 noprefixroute</summary>
    public const string AddIpv4 =
        """
        6000000014000506e81f006b00000000021800000300000008000200c000020108000400c00002ff0c000300756e6465723a3100080009003200
        0000080008000002000008000100c000020114000600b80b0000581b00000000000000000000
        """;

    /// <summary>ip route append 198.51.100.0/24 via 192.0.2.1 dev under onlink table 1234 metric 7 proto 203</summary>
    public const string AddOnlinkRoute =
        """
        440000001800050ce81f006b000000000218000000cb00010400000008000100c633640008000500c000020108000f00d2040000080006000700
        00000800040003000000
        """;

    /// <summary>ip link del dev vxlan101</summary>
    public const string Delete =
        """
        2000000011000500e81f006b0000000000000000050000000000000000000000
        """;
}
