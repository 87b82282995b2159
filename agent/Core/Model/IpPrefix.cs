using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cloudbr.Agent.Core.Model;

/// <summary>An address with a prefix length, host bits kept: "169.254.0.1/16". Without a length it is a single host.</summary>
public sealed record IpPrefix(IPAddress Address, int Length)
{
    public bool IsIpv4 => Address.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>Whether anything is set behind the prefix: 10.1.1.5/24 has host bits, 10.1.1.0/24 and 10.1.1.5/32 have none.</summary>
    public bool HasHostBits
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Address.TryWriteBytes(bytes, out var count);
            for (var i = Length / 8; i < count; i++)
            {
                if ((bytes[i] & (i == Length / 8 ? 0xff >> (Length % 8) : 0xff)) != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public static int MaxLength(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    public static IpPrefix Host(IPAddress address) => new(address, MaxLength(address));

    public static IpPrefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is no address with a prefix length.");

    public static bool TryParse(string? text, [NotNullWhen(true)] out IpPrefix? prefix)
    {
        prefix = null;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (!IpText.TryParse(slash < 0 ? text : text![..slash], out var address))
        {
            return false;
        }

        var length = MaxLength(address);
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length > MaxLength(address)
                || (text![slash + 1] == '0' && text.Length > slash + 2)))
        {
            return false;
        }

        prefix = new IpPrefix(address, length);
        return true;
    }

    /// <summary>Whether an address is in the prefix's subnet.</summary>
    public bool Contains(IPAddress address)
    {
        Span<byte> ours = stackalloc byte[16];
        Span<byte> theirs = stackalloc byte[16];
        if (address.AddressFamily != Address.AddressFamily
            || !Address.TryWriteBytes(ours, out _)
            || !address.TryWriteBytes(theirs, out _)
            || !ours[..(Length / 8)].SequenceEqual(theirs[..(Length / 8)]))
        {
            return false;
        }

        var rest = Length % 8;
        return rest == 0 || (ours[Length / 8] ^ theirs[Length / 8]) >> (8 - rest) == 0;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");
}

/// <summary>Reads addresses strictly: four decimal numbers or RFC 4291, no scope, none of the shorthands that differ by reader.</summary>
public static class IpText
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text is null || text.AsSpan().ContainsAnyExcept(Allowed))
        {
            return false;
        }

        if (!IPAddress.TryParse(text, out var parsed)
            || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text))
        {
            return false;
        }

        address = parsed;
        return true;
    }
}
