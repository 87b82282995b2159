using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What sort of address may stand where.</summary>
internal static class AddressRules
{
    private const string MappedFault = "is an IPv4 address written as an IPv6 one; write it as IPv4";

    public static void CheckUnicast(this Violations violations, IPAddress? address, FieldPath path, string field)
    {
        if (address is not null && Fault(address) is { } fault)
        {
            violations.Add($"{path}.{field}", $"{address} {fault}");
        }
    }

    /// <summary>Why it is not the address of one host, or null if it is.</summary>
    public static string? Fault(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            Span<byte> bytes = stackalloc byte[4];
            address.TryWriteBytes(bytes, out _);
            return bytes[0] switch
            {
                0 when bytes is [0, 0, 0, 0] => "is the unspecified address",
                127 => "is a loopback address",
                >= 224 and < 240 => "is a multicast address",
                255 when bytes is [255, 255, 255, 255] => "is the broadcast address",
                _ => null,
            };
        }

        return address.IsIPv6Multicast ? "is a multicast address"
            : address.IsIPv4MappedToIPv6 ? MappedFault
            : address.Equals(IPAddress.IPv6Any) ? "is the unspecified address"
            : address.Equals(IPAddress.IPv6Loopback) ? "is a loopback address"
            : null;
    }

    /// <summary>Why it is no set of addresses as rules name them, or null if it is.</summary>
    public static string? Fault(IpPrefix prefix) =>
        prefix.Address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true } ? MappedFault
        : prefix.HasHostBits ? "has host bits: name the network, or a single address without a length"
        : null;

    /// <summary>A list of such sets that is not to be too long.</summary>
    public static void CheckPrefixes(this Violations violations, ReadOnlySpan<IpPrefix> prefixes, int most, FieldPath path, string field)
    {
        if (prefixes.Length > most)
        {
            violations.Add($"{path}.{field}", $"{prefixes.Length} are more than {most}");
            return;
        }

        for (var i = 0; i < prefixes.Length; i++)
        {
            if (Fault(prefixes[i]) is { } fault)
            {
                violations.Add($"{path}.{field}[{i}]", $"{prefixes[i]} {fault}");
            }
        }
    }

    public static void CheckMac(this Violations violations, MacAddress? mac, FieldPath path, string field)
    {
        if (mac is { IsZero: true } or { IsGroup: true })
        {
            violations.Add($"{path}.{field}", $"{mac} is {(mac.Value.IsZero ? "no address" : "a group address")}");
        }
    }

    public static bool IsMulticast(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return address.IsIPv6Multicast;
        }

        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes[0] is >= 224 and < 240;
    }

    public static string Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
}
