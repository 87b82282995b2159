using System.Buffers;
using System.Globalization;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>How the save tools spell what rules are made of.</summary>
internal static class Spelling
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Quotes stand around whatever is not plain. The text itself never has any: it is made of ids that were checked.</summary>
    public static string Quote(string text) => text.AsSpan().ContainsAnyExcept(Plain) || text.Length == 0 ? $"\"{text}\"" : text;

    public static string Comment(string text) => $"-m comment --comment {Quote(text)}";

    /// <summary>"-s 10.0.0.0/8 ", or nothing for everybody.</summary>
    public static string Source(IpPrefix prefix) => prefix.Length == 0 ? "" : $"-s {AddressText.Of(prefix)} ";

    public static string Destination(IpPrefix prefix) => prefix.Length == 0 ? "" : $"-d {AddressText.Of(prefix)} ";

    /// <summary>By name where every tool knows the name, whatever the host's list of protocols says; by number otherwise.</summary>
    public static string Protocol(byte number) => number switch
    {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        58 => "ipv6-icmp",
        132 => "sctp",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    public static string Ethertype(int type) => type switch
    {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x86dd => "IPv6",
        _ => string.Create(CultureInfo.InvariantCulture, $"0x{type:x4}"),
    };

    /// <summary>What a limit of so many a second becomes, for the kernel counts in whole parts of a second.</summary>
    public static int Rate(int perSecond, int parts) => parts / (parts / perSecond);

    /// <summary>The link-local address that belongs to a MAC.</summary>
    public static IPAddress LinkLocal(MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        (bytes[0], bytes[1], bytes[11], bytes[12]) = (0xfe, 0x80, 0xff, 0xfe);
        Span<byte> own = stackalloc byte[MacAddress.Length];
        mac.CopyTo(own);
        own[..3].CopyTo(bytes[8..]);
        own[3..].CopyTo(bytes[13..]);
        bytes[8] ^= 2;
        return new IPAddress(bytes);
    }
}
