using System.Text;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Netlink.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

internal sealed class WireTests
{
    /// <summary>A tree of attributes: a nest has children, a leaf has bytes.</summary>
    private sealed record Node(ushort Type, byte[] Bytes, List<Node>? Children);

    [FsCheck.NUnit.Property]
    public Property WhatIsWritten_IsRead() => Prop.ForAll(Arb.From(Gen.Sized(size => Trees(Math.Min(size, 30)))), trees =>
    {
        var writer = new MessageWriter(new byte[64 * 1024], 16, 5, 7);
        Write(ref writer, trees);
        var bytes = writer.Finish();

        var read = "";
        var count = 0;
        foreach (var message in new MessageReader(bytes))
        {
            count++;
            read = Show(message.Payload);
            Assert.That((message.Header.Type, message.Header.Flags, message.Header.Sequence), Is.EqualTo(((ushort)16, (ushort)5, 7u)));
        }

        Assert.That(count, Is.EqualTo(1));
        Assert.That(bytes.Length % 4, Is.Zero);
        Assert.That(read, Is.EqualTo(Show(trees)));
    });

    [Test]
    public void Writer_InAUsedBuffer_ZeroesItsPadding()
    {
        var buffer = new byte[64];
        buffer.AsSpan().Fill(0xff);
        var writer = new MessageWriter(buffer, 16, 5);
        writer.Byte(1, 0x11);

        Assert.That(Convert.ToHexStringLower(writer.Finish()[16..]), Is.EqualTo("0500010011000000"));
    }

    [Test]
    public void Writer_WithoutRoom_RefusesInsteadOfWritingPastTheEnd() => Assert.That(
        () =>
        {
            var writer = new MessageWriter(new byte[32], 16, 5);
            writer.Text(1, "too long for it");
        },
        Throws.InvalidOperationException.With.Message.EqualTo("a message of more than 32 bytes"));

    [Test]
    public void Text_IsUtf8WithAZeroAtTheEnd()
    {
        var writer = new MessageWriter(new byte[64], 16, 5);
        writer.Text(20, "ä");

        Assert.That(Convert.ToHexStringLower(writer.Finish()[16..]), Is.EqualTo("07001400c3a40000"));
    }

    [Test]
    public void Messages_SeveralInADatagram_AreReadEach()
    {
        byte[] datagram = [.. Hex.Bytes(Captured.Ipv4Address), .. Hex.Bytes(Captured.CappedError), .. Hex.Bytes(Captured.HtbQdisc)];
        List<ushort> types = [];
        foreach (var message in new MessageReader(datagram))
        {
            types.Add(message.Header.Type);
        }

        Assert.That(types, Is.EqualTo(new ushort[] { 20, 2, 36 }));
    }

    [Test]
    public void Attribute_ThatIsTooShortForItsValue_IsMalformed() => Assert.That(
        () =>
        {
            foreach (var attribute in new AttributeReader(Convert.FromHexString("0600040001020000")))
            {
                _ = attribute.UInt32;
            }
        },
        Throws.TypeOf<NetlinkException>().With.Message.EqualTo("read message: EBADMSG (Bad message): \"attribute 4: 2 bytes instead of 4\""));

    private static Gen<List<Node>> Trees(int size) =>
        from count in Gen.Choose(0, 5)
        from nodes in Gen.ListOf(Tree(size / 2), count)
        select nodes.ToList();

    private static Gen<Node> Tree(int size)
    {
        var leaf = from type in Gen.Choose(1, 0x3fff)
                   from bytes in Gen.ArrayOf(Gen.Choose(0, 255))
                   select new Node((ushort)type, bytes.Select(b => (byte)b).ToArray(), null);
        return size == 0
            ? leaf
            : Gen.OneOf(
                leaf,
                from type in Gen.Choose(1, 0x3fff)
                from children in Trees(size / 2)
                select new Node((ushort)type, [], children));
    }

    private static void Write(ref MessageWriter writer, List<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (node.Children is null)
            {
                writer.Bytes(node.Type, node.Bytes);
                continue;
            }

            var nest = writer.BeginNested(node.Type);
            Write(ref writer, node.Children);
            writer.EndNested(nest);
        }
    }

    private static string Show(List<Node> nodes) => string.Join(
        ' ', nodes.Select(n => n.Children is null ? $"{n.Type}:{Convert.ToHexStringLower(n.Bytes)}" : $"{n.Type}[{Show(n.Children)}]"));

    private static string Show(ReadOnlySpan<byte> attributes)
    {
        var text = new StringBuilder();
        foreach (var attribute in new AttributeReader(attributes))
        {
            text.Append(text.Length > 0 ? " " : "").Append(attribute.Type);
            text.Append(attribute.IsMarkedNested ? $"[{Show(attribute.Payload)}]" : $":{Convert.ToHexStringLower(attribute.Payload)}");
        }

        return text.ToString();
    }
}
