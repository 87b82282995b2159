using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>
/// Addresses as the host's tools print them, which all ask the C library. .NET writes the end of more sorts of IPv6 addresses with dots.
/// </summary>
public static class AddressText
{
    private const int Words = 8;

    public static string Of(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[Words * 2];
        address.TryWriteBytes(bytes, out _);
        Span<ushort> words = stackalloc ushort[Words];
        for (var i = 0; i < Words; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(i * 2)..]);
        }

        var (start, length) = LongestGap(words);
        if (start == 0 && (length == 6 || (length == 5 && words[5] == 0xffff)))
        {
            return $"::{(length == 5 ? "ffff:" : "")}{new IPAddress(bytes[12..])}";
        }

        return length < 2 ? Join(words) : $"{Join(words[..start])}::{Join(words[(start + length)..])}";
    }

    public static string Of(IpPrefix prefix) => string.Create(CultureInfo.InvariantCulture, $"{Of(prefix.Address)}/{prefix.Length}");

    /// <summary>The first of the longest.</summary>
    private static (int Start, int Length) LongestGap(ReadOnlySpan<ushort> words)
    {
        var (start, length) = (0, 0);
        for (var i = 0; i < words.Length; i++)
        {
            var end = i;
            while (end < words.Length && words[end] == 0)
            {
                end++;
            }

            if (end - i > length)
            {
                (start, length) = (i, end - i);
            }

            i = Math.Max(i, end - 1);
        }

        return (start, length);
    }

    private static string Join(ReadOnlySpan<ushort> words) => string.Join(':', words.ToArray().Select(w => w.ToString("x", CultureInfo.InvariantCulture)));
}
