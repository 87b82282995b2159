using System.Net;
using System.Net.Sockets;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What sort of address may stand where.</summary>
internal static class AddressRules
{
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
            : address.IsIPv4MappedToIPv6 ? "is an IPv4 address written as an IPv6 one; write it as IPv4"
            : address.Equals(IPAddress.IPv6Any) ? "is the unspecified address"
            : address.Equals(IPAddress.IPv6Loopback) ? "is a loopback address"
            : null;
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
