namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>RTM_*: the messages of NETLINK_ROUTE.</summary>
internal static class RtmType
{
    public const ushort NewLink = 16;
    public const ushort DelLink = 17;
    public const ushort GetLink = 18;
    public const ushort NewAddress = 20;
    public const ushort DelAddress = 21;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DelRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNeighbour = 28;
    public const ushort DelNeighbour = 29;
    public const ushort GetNeighbour = 30;
    public const ushort NewQdisc = 36;
    public const ushort DelQdisc = 37;
    public const ushort GetQdisc = 38;
    public const ushort NewFilter = 44;
    public const ushort DelFilter = 45;
    public const ushort GetFilter = 46;
    public const ushort NewAction = 48;
    public const ushort NewLinkProperty = 108;
    public const ushort DelLinkProperty = 109;
}

/// <summary>AF_*: whose header a message carries.</summary>
internal static class FamilyNumber
{
    public const byte Unspecified = 0;
    public const byte Ipv4 = 2;
    public const byte Bridge = 7;
    public const byte Ipv6 = 10;
}

/// <summary>RTNLGRP_*: what a monitor hears.</summary>
internal static class MulticastGroup
{
    public const int Link = 1;
    public const int Neighbour = 3;
    public const int TrafficControl = 4;
    public const int Ipv4Address = 5;
    public const int Ipv4Route = 7;
    public const int Ipv6Address = 9;
    public const int Ipv6Route = 11;
}
