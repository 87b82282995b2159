using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>A device's name in the kernel, and the long one if that does not fit.</summary>
public readonly record struct KernelName(string Name, string? AltName);

/// <summary>Names as CloudStack's KVM hosts use them, so that domain definitions and operators' habits keep working.</summary>
public static class KernelNames
{
    /// <summary>IFNAMSIZ without the byte that ends the name.</summary>
    public const int MostBytes = 15;

    private const int HeadLength = 8;
    private const int TailLength = MostBytes - HeadLength - 1;
    private const string TailLetters = "abcdefghijklmnopqrstuvwxyz234567";

    public static KernelName VlanDevice(string uplink, int vid) => Fit(string.Create(CultureInfo.InvariantCulture, $"{uplink}.{vid}"));

    public static KernelName VlanBridge(string uplink, int vid) => Fit(string.Create(CultureInfo.InvariantCulture, $"br{uplink}-{vid}"));

    public static KernelName VxlanDevice(int vni) => Fit(string.Create(CultureInfo.InvariantCulture, $"vxlan{vni}"));

    public static KernelName VxlanBridge(int vni) => Fit(string.Create(CultureInfo.InvariantCulture, $"brvx-{vni}"));

    /// <summary>The agent's own, for there is none of CloudStack's.</summary>
    public static KernelName Ifb(string nicId) => Fit($"cbi-{nicId}");

    /// <summary>
    /// A name that is too long becomes its readable head and a tail hashed from the whole: the same one on every host and after
    /// every start.
    /// </summary>
    public static KernelName Fit(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MostBytes)
        {
            return new KernelName(name, null);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        var tail = string.Create(TailLength, hash, static (text, hash) =>
        {
            // 30 bits: with 24 two of the 4,094 VLANs of one uplink shared a name more often than not.
            var bits = BinaryPrimitives.ReadUInt64BigEndian(hash);
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = TailLetters[(int)(bits >> (5 * i)) & 31];
            }
        });
        return new KernelName($"{Head(name)}-{tail}", name);
    }

    /// <summary>As many whole characters as fit.</summary>
    private static string Head(string name)
    {
        var (length, bytes) = (0, 0);
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > HeadLength)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return name[..length];
    }

    /// <summary>
    /// A MAC for a bridge without an uplink: steady over restarts, locally administered, and another one on every host, since
    /// bridges of one segment on two hosts must not share theirs.
    /// </summary>
    public static MacAddress BridgeMac(string host, string id)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{host}\n{id}"), bytes);
        bytes[0] = (byte)((bytes[0] & 0xfc) | 0x02);
        return new MacAddress(bytes[..MacAddress.Length]);
    }
}
