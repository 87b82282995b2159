using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>Where frames come from and arrive: a NIC, or a group of them.</summary>
/// <param name="Device">Its device; empty: a group.</param>
/// <param name="Mac">Its MAC.</param>
/// <param name="V4">Its first address.</param>
/// <param name="V6">Its first address of IPv6.</param>
public sealed record Station(string Device, string Mac, string V4, string V6)
{
    /// <summary>Broadcast, and all nodes.</summary>
    public static readonly Station Everybody = new("", "ff:ff:ff:ff:ff:ff", "255.255.255.255", "ff02::1");

    /// <summary>Who says in this one's place that all that it may have sent, or may have got, would have arrived by now.</summary>
    public Station? StandIn { get; init; }

    /// <summary>The address that belongs to its MAC.</summary>
    public string LinkLocal
    {
        get
        {
            Span<byte> mac = stackalloc byte[MacAddress.Length];
            MacAddress.Parse(Mac).CopyTo(mac);
            return new IPAddress([0xfe, 0x80, 0, 0, 0, 0, 0, 0, (byte)(mac[0] ^ 2), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]]).ToString();
        }
    }

    /// <summary>A multicast group, of either family.</summary>
    public static Station Group(string address)
    {
        var ip = IPAddress.Parse(address);
        var bytes = ip.GetAddressBytes();
        return ip.AddressFamily == AddressFamily.InterNetwork
            ? new("", string.Create(CultureInfo.InvariantCulture, $"01:00:5e:{bytes[1] & 0x7f:x2}:{bytes[2]:x2}:{bytes[3]:x2}"), address, "::")
            : new("", string.Create(CultureInfo.InvariantCulture, $"33:33:{bytes[12]:x2}:{bytes[13]:x2}:{bytes[14]:x2}:{bytes[15]:x2}"), "0.0.0.0", address);
    }

    public override string ToString() => Device.Length > 0 ? Device : Mac;
}
