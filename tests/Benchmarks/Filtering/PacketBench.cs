using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Scenes;

namespace Cloudbr.Agent.Benchmarks.Filtering;

/// <summary>
/// What a packet of an established flow costs between two ports of a filtered bridge, with few and with many other ports there. One
/// processor takes each packet all the way from one guest to the other, so that time is what it costs; what is said of it includes
/// sending it.
/// </summary>
internal static class PacketBench
{
    private const int Rounds = 7;
    private const int Packets = 200_000;
    private const int UdpPort = 5_000;

    /// <summary>Names in the middle of what is looked through.</summary>
    private const int Sender = 550;
    private const int Receiver = 445;

    /// <summary>Of UDP over IPv4, behind Ethernet.</summary>
    private const int Checksum = 40;

    private static readonly int[] Others = [1, 100, 1_000];

    public static IReadOnlyList<Row> Run()
    {
        using var host = new FilteredHost();
        host.Apply(FilteredHost.Config(0), ChangeOutcome.Applied);
        using var sender = Plug(host, Sender);
        using var receiver = Plug(host, Receiver);
        host.Namespace.Ip([.. Crowd(Others[^1]).SelectMany(Tap)]);
        host.Apply(FilteredHost.Config([Sender, Receiver]), ChangeOutcome.Applied);

        using var hearing = receiver.Run(() => new UdpClient(new IPEndPoint(IPAddress.Any, UdpPort)));
        var frame = Meet(sender, receiver, hearing);
        using var wire = FrameSocket.Open(sender, "eth0");
        var costs = Others.ToDictionary(n => n, _ => new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var others in Others)
            {
                host.Apply(FilteredHost.Config([Sender, Receiver, .. Crowd(others)]), ChangeOutcome.Applied);
                costs[others].Add(Cost(wire, frame, receiver));
            }
        }

        return [.. Others.Skip(1).Select(n => Row.Against(Name(n), "ns", costs[n], Name(Others[0]), costs[Others[0]]))];
    }

    private static string Name(int others) => string.Create(CultureInfo.InvariantCulture, $"a packet between two ports, {others} other{(others == 1 ? "" : "s")}");

    private static IEnumerable<int> Crowd(int count) => Enumerable.Range(1, count + 2).Except([Sender, Receiver]).Take(count);

    /// <summary>A guest where its port expects it.</summary>
    private static NetNamespace Plug(FilteredHost host, int number)
    {
        var port = FilteredHost.Port(number);
        var guest = NetNamespace.Create();
        VethPair.Connect(
            new(host.Namespace, port.Device) { Mac = $"fe{port.Mac.ToString()[2..]}", Bridge = FilteredHost.Bridge },
            new(guest, "eth0", [$"{port.Addresses[0].Address}/16"]) { Mac = port.Mac.ToString() });
        return guest;
    }

    /// <summary>On the bridge, and silent.</summary>
    private static IEnumerable<string> Tap(int number)
    {
        var port = FilteredHost.Port(number);
        return [$"tuntap add dev {port.Device} mode tap", $"link set {port.Device} address fe{port.Mac.ToString()[2..]} master {FilteredHost.Bridge}"];
    }

    /// <summary>One asks and the other answers, so that they have a connection; returns the frame of what is said then.</summary>
    private static byte[] Meet(NetNamespace sender, NetNamespace receiver, UdpClient hearing)
    {
        using var asking = sender.Run(() => new UdpClient(AddressFamily.InterNetwork));
        asking.Connect(FilteredHost.Port(Receiver).Addresses[0].Address, UdpPort);
        using var capture = FrameCapture.Start(receiver, "eth0");
        EndPoint asker = new IPEndPoint(IPAddress.Any, 0);
        asking.Send("ask"u8);
        hearing.Client.ReceiveFrom(new byte[64], ref asker);
        hearing.Client.SendTo("answer"u8, asker);
        asking.Client.Receive(new byte[64]);
        asking.Send("and now again and again"u8);
        var frame = capture.Next("what is said", f => f.UdpDestination == UdpPort && f.Bytes.Length > 60).Bytes;

        // What the sender left to its device to work out is wrong in the copy, and would make it belong to no connection; zero is none.
        frame.AsSpan(Checksum, 2).Clear();
        return frame;
    }

    private static double Cost(FrameSocket wire, byte[] frame, NetNamespace receiver)
    {
        FrameSocket.SendInOrder(Enumerable.Repeat((wire, frame), Packets / 10));
        var before = Received(receiver);
        var watch = Stopwatch.StartNew();
        FrameSocket.SendInOrder(Enumerable.Repeat((wire, frame), Packets));
        var took = watch.Elapsed;
        var arrived = Received(receiver) - before;
        return arrived > Packets / 2 ? took.TotalNanoseconds / arrived : throw new InvalidOperationException($"{arrived} of {Packets} packets arrived");
    }

    private static long Received(NetNamespace where) => where.Run(() =>
    {
        var line = File.ReadLines("/proc/thread-self/net/dev").Single(l => l.TrimStart().StartsWith("eth0:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture);
    });
}
