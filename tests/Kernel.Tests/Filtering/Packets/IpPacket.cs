using System.Buffers.Binary;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>IPv4 or IPv6, as its addresses are. Checksums are right, or connection tracking would take it for nothing.</summary>
/// <param name="Source">Its source address.</param>
/// <param name="Destination">Its destination address.</param>
/// <param name="Content">What it carries.</param>
public sealed record IpPacket(string Source, string Destination, IpContent Content) : Packet
{
    private const int Fragment = 44;

    public byte HopLimit { get; init; } = 64;

    /// <summary>The number of an IPv6 extension header in front of the content.</summary>
    public byte? Extension { get; init; }

    /// <summary>Where the content is cut, in bytes from its beginning.</summary>
    public IReadOnlyList<int> Cuts { get; init; } = [];

    /// <summary>Which of the fragments are sent; null: all.</summary>
    public IReadOnlyList<int>? Sent { get; init; }

    protected override int EtherType => IsV6 ? Frame.Ipv6 : Frame.Ipv4;

    private bool IsV6 => Source.Contains(':', StringComparison.Ordinal);

    protected override IEnumerable<byte[]> Bodies(int number)
    {
        var content = Content.Build(number);
        if (Content.Checksum is { } place)
        {
            WriteChecksum(content, place);
        }

        var ends = Cuts.Append(content.Length).ToArray();
        var begins = Cuts.Prepend(0).ToArray();
        foreach (var i in Sent ?? [.. Enumerable.Range(0, ends.Length)])
        {
            var part = content[begins[i]..ends[i]];
            var hasMore = i < ends.Length - 1;
            yield return IsV6 ? V6(part, begins[i], hasMore, number) : V4(part, begins[i], hasMore, number);
        }
    }

    private byte[] V4(byte[] part, int offset, bool hasMore, int number)
    {
        byte[] header =
        [
            0x45, 0, .. Big16(20 + part.Length), .. Big16(number), .. Big16((offset / 8) | (hasMore ? 0x2000 : 0)),
            HopLimit, Content.Protocol, 0, 0, .. Ip(Source), .. Ip(Destination),
        ];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Sum(header));
        return [.. header, .. part];
    }

    private byte[] V6(byte[] part, int offset, bool hasMore, int number)
    {
        var next = Content.Protocol;
        byte[] fragment = [];
        if (Cuts.Count > 0)
        {
            fragment = [next, 0, .. Big16(offset | (hasMore ? 1 : 0)), 0, 0, .. Big16(number)];
            next = Fragment;
        }

        byte[] extension = [];
        if (Extension is { } type)
        {
            // A router alert for whom it is right, and padding.
            extension = [next, 0, 5, 2, 0, 0, 1, 0];
            next = type;
        }

        byte[] head = [0x60, 0, .. Big16(number), .. Big16(extension.Length + fragment.Length + part.Length), next, HopLimit];
        return [.. head, .. Ip(Source), .. Ip(Destination), .. extension, .. fragment, .. part];
    }

    private void WriteChecksum(byte[] content, int place)
    {
        // ICMP of IPv4 alone does without the addresses.
        byte[] pseudo = Content.Protocol == Frame.Icmp ? [] : [.. Ip(Source), .. Ip(Destination), .. Big16(content.Length), .. Big16(Content.Protocol)];
        BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(place), Sum([.. pseudo, .. content]));
    }

    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
        }

        while (sum > 0xffff)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}

/// <param name="Protocol">Its number.</param>
/// <param name="Build">The bytes, with zero where the checksum goes, for the number of a sending.</param>
/// <param name="Checksum">Where the Internet checksum goes; null: it has none.</param>
public sealed record IpContent(byte Protocol, Func<int, byte[]> Build, int? Checksum);
