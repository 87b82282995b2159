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

    /// <summary>Far more than all rounds take.</summary>
    private static readonly TimeSpan LoopLimit = TimeSpan.FromMinutes(1);

    private static readonly byte[][] Corpus = typeof(Captured)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => Hex.Bytes((string)f.GetRawConstantValue()!))
        .ToArray();

    [TestCase(1)]
    [TestCase(2)]
    public void Decoders_GivenRandomBytes_ReadThemOrSayThatTheyCannot(int seed)
    {
        var random = new Random(seed);
        var inputs = Enumerable.Range(0, Rounds).Select(_ =>
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            return bytes;
        });

        Assert.That(CountReadable(inputs), Is.LessThan(Rounds / 10), "noise is no message");
    }

    [TestCase(3)]
    [TestCase(4)]
    public void Decoders_GivenMutatedMessages_ReadThemOrSayThatTheyCannot(int seed)
    {
        var random = new Random(seed);
        var inputs = Enumerable.Range(0, Rounds).Select(_ => Mutate(Corpus[random.Next(Corpus.Length)], random));

        Assert.That(CountReadable(inputs), Is.InRange(Rounds / 20, Rounds), "mutations must leave some messages readable, or nothing deep is reached");
    }

    [Test]
    public void Decoders_GivenEveryPrefixOfEveryMessage_ReadItOrSayThatTheyCannot()
    {
        var prefixes = Corpus.SelectMany(m => Enumerable.Range(0, m.Length).Select(length => m[..length])).ToList();

        // All but the empty ones are cut somewhere in the message.
        Assert.That(CountReadable(prefixes), Is.EqualTo(Corpus.Length));
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

    /// <summary>A decoder that loops for ever fails its test instead of the whole run, and says with which input.</summary>
    private static int CountReadable(IEnumerable<byte[]> inputs)
    {
        var readable = 0;
        byte[] last = [];
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var feeder = new Thread(() =>
        {
            try
            {
                foreach (var input in inputs)
                {
                    last = input;
                    readable += Feed(input) ? 1 : 0;
                }
            }
            catch (Exception e)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true };
        feeder.Start();
        Assert.That(feeder.Join(LoopLimit), Is.True, () => $"still at {Convert.ToHexString(last)}");
        failure?.Throw();
        return readable;
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
        Read(() => FilterAttributes.Read(bytes));
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
            else if (message.Header.Type == 44)
            {
                FilterAttributes.Read(message.Payload);
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
