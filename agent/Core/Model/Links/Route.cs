using System.Net;

namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>
/// A route, with everything needed to make it again through another device. <paramref name="Link"/> is the index of its device;
/// 0 if it has none or several.
/// </summary>
public sealed record Route(IpPrefix Destination, int Link)
{
    /// <summary>The routing table; 254 is main, 255 local.</summary>
    public uint Table { get; init; } = 254;

    /// <summary>Who made it, the kernel's RTPROT_*: 2 kernel, 3 boot, 4 static, 9 router advertisement, 16 DHCP.</summary>
    public byte Protocol { get; init; }

    /// <summary>The kernel's RTN_*: 1 unicast, 2 local, 3 broadcast.</summary>
    public byte Type { get; init; } = 1;

    /// <summary>The kernel's RT_SCOPE_*: 0 global, 253 link.</summary>
    public byte Scope { get; init; }

    public byte Tos { get; init; }

    public uint Metric { get; init; }

    public IPAddress? Gateway { get; init; }

    public IPAddress? PreferredSource { get; init; }

    /// <summary>The kernel's RTNH_F_* that a request may carry, such as ONLINK.</summary>
    public uint Flags { get; init; }

    /// <summary>Whether it has several next hops, or one that is an object of its own: such a route cannot be moved as it is.</summary>
    public bool IsCompound { get; init; }

    /// <summary>The indexes of the devices of several next hops.</summary>
    public ValueList<int> Hops { get; init; }

    /// <summary>The attributes that the agent has no opinion on, as the kernel sent them: metrics, encapsulation, preference.</summary>
    public ValueList<byte> Others { get; init; }
}

/// <summary>The marks on routes.</summary>
public static class RouteProtocol
{
    /// <summary>Routes that come and go with addresses.</summary>
    public const byte Kernel = 2;

    /// <summary>The agent's own, by which it knows them again.</summary>
    public const byte Agent = 203;
}
