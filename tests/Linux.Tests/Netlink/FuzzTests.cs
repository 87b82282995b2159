using System.Reflection;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Generic;
using Cloudbr.Agent.Linux.Netlink.Trace;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>Whatever comes, a decoder reads it or says that it cannot: no other exception, no reading past the end, no endless loop.</summary>
internal sealed class FuzzTests
{
    private const int Rounds = 20_000;

    private static readonly byte[][] Corpus = typeof(Captured)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => Hex.Bytes((string)f.GetRawConstantValue()!))
        .ToArray();

    [TestCase(1)]
    [TestCase(2)]
    public void Decoders_GivenRandomBytes_ReadThemOrSayThatTheyCannot(int seed)
    {
        var random = new Random(seed);
        var readable = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            readable += Feed(bytes) ? 1 : 0;
        }

        Assert.That(readable, Is.LessThan(Rounds / 10), "noise is no message");
    }

    [TestCase(3)]
    [TestCase(4)]
    public void Decoders_GivenMutatedMessages_ReadThemOrSayThatTheyCannot(int seed)
    {
        var random = new Random(seed);
        var readable = 0;
        for (var i = 0; i < Rounds; i++)
        {
            readable += Feed(Mutate(Corpus[random.Next(Corpus.Length)], random)) ? 1 : 0;
        }

        Assert.That(readable, Is.InRange(Rounds / 20, Rounds), "mutations must leave some messages readable, or nothing deep is reached");
    }

    [Test]
    public void Decoders_GivenEveryPrefixOfEveryMessage_ReadItOrSayThatTheyCannot()
    {
        var unreadable = 0;
        foreach (var message in Corpus)
        {
            for (var length = 0; length < message.Length; length++)
            {
                unreadable += Feed(message[..length]) ? 0 : 1;
            }
        }

        Assert.That(unreadable, Is.GreaterThan(Corpus.Length));
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    // Lengths stand at multiples of four.
                    bytes[at & ~3] = (byte)random.Next(40);
                    break;
                default:
                    bytes = bytes[..Math.Max(1, bytes.Length - random.Next(8))];
                    break;
            }
        }

        // The message's own length is right more often than not, so that its attributes are reached.
        if (bytes.Length >= 4 && random.Next(4) != 0)
        {
            BitConverter.TryWriteBytes(bytes, bytes.Length);
        }

        return bytes;
    }

    /// <summary>True if the message could be read by the decoder that it is for.</summary>
    private static bool Feed(byte[] bytes)
    {
        Read(() => NetlinkTrace.Describe("<-", bytes));
        Read(() => LinkAttributes.Read(bytes));
        Read(() => AddressAttributes.Read(bytes, out _));
        Read(() => RouteAttributes.Read(bytes));
        Read(() => NeighbourAttributes.Read(bytes));
        Read(() => QdiscAttributes.Read(bytes));
        Read(() => FamilyResolution.Read(bytes));
        Read(() => EthtoolAttributes.ReadModes(bytes, new EthernetState(null, null, null, null)));
        Read(() => EthtoolAttributes.ReadState(bytes, new EthernetState(null, null, null, null)));
        return Read(() => ReadMessages(bytes));
    }

    private static string ReadMessages(byte[] bytes)
    {
        foreach (var message in new MessageReader(bytes))
        {
            RouteMonitor.Read(message.Header.Type, message.Payload);
            if (message.Header.Type is 2 or 3)
            {
                KernelVerdict.Read(message.Header, message.Payload);
            }
            else if (message.Header.Type == 36)
            {
                QdiscAttributes.Read(message.Payload);
            }
        }

        return "";
    }

    private static bool Read<T>(Func<T> decode)
    {
        try
        {
            decode();
            return true;
        }
        catch (NetlinkException e)
        {
            Assert.That(e.Errno, Is.EqualTo(74));
            return false;
        }
    }
}
