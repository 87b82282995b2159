using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Cloudbr.Agent.Core.Model;

/// <summary>An Ethernet address. Text is six pairs of hexadecimal digits with colons, as the kernel's tools print it.</summary>
public readonly record struct MacAddress
{
    public const int Length = 6;

    private readonly ulong _bits;

    public MacAddress(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Length);
        _bits = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
    }

    /// <summary>In a VXLAN's forwarding table the entry that floods.</summary>
    public static MacAddress Zero => default;

    public bool IsZero => _bits == 0;

    /// <summary>Broadcast and multicast addresses.</summary>
    public bool IsGroup => (_bits & 0x0100_0000_0000) != 0;

    public static MacAddress Parse(string text) =>
        TryParse(text, out var mac) ? mac : throw new FormatException($"'{text}' is no MAC address.");

    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress mac)
    {
        mac = default;
        if (text is not { Length: 17 })
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length];
        for (var i = 0; i < Length; i++)
        {
            if ((i > 0 && text[(3 * i) - 1] != ':')
                || !byte.TryParse(text.AsSpan(3 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]))
            {
                return false;
            }
        }

        mac = new MacAddress(bytes);
        return true;
    }

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(_bits >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)_bits);
    }

    public override string ToString() => string.Create(17, _bits, static (text, bits) =>
    {
        const string Digits = "0123456789abcdef";
        for (var i = 0; i < Length; i++)
        {
            var value = (byte)(bits >> (40 - (8 * i)));
            text[3 * i] = Digits[value >> 4];
            text[(3 * i) + 1] = Digits[value & 15];
            if (i > 0)
            {
                text[(3 * i) - 1] = ':';
            }
        }
    });
}
