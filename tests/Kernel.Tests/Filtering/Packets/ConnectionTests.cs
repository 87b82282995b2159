using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>What belongs to an open connection passes, and nothing passes that only looks as if it did.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class ConnectionTests
{
    [Test]
    public void AnAnswer_Passes_AndNothingElseFromThere([Values] bool isV6)
    {
        IpPacket Udp(Station from, Station to, int source, int port) => isV6 ? Udp6(from, to, port, source) : Udp4(from, to, port, source);
        Stops(Outside, Udp(Outside, Plain, 7, 1001), Plain, "before it was asked for");
        Passes(Plain, Udp(Plain, Outside, 1001, 7), Outside, "the question");
        Passes(Outside, Udp(Outside, Plain, 7, 1001), Plain, "the answer");
        Stops(Outside, Udp(Outside, Plain, 7, 1002), Plain, "to another port");
        Stops(Outside, Udp(Outside, Plain, 8, 1001), Plain, "from another port");
        Stops(Outside, Udp(Friend, Plain, 7, 1001), Plain, "from another address");
        Stops(Open, Udp(Outside, Plain, 7, 1001) with { SourceMac = Open.Mac }, Plain, "from a guest that uses the other's address");
        Stops(Open, Udp(Plain, Outside, 1001, 7) with { SourceMac = Open.Mac }, Outside, "from a guest that uses its address");
        Stops(Open, Udp(Plain, Outside, 1001, 7), Outside, "from a guest that uses its MAC and address");
        Stops(Plain, Udp(Plain, Outside, 1001, 7) with { SourceMac = Open.Mac }, Outside, "from itself with another's MAC");
        Passes(Plain, Udp(Plain, Outside, 1001, 7), Outside, "the next question");
    }

    [Test]
    public void AHandshake_ThatWasAllowed_Passes_WhateverEgressIsAllowed([Values] bool isV6)
    {
        IpPacket Tcp(Station from, Station to, int source, int port, TcpFlags flags) => isV6 ? Tcp6(from, to, port, source, flags) : Tcp4(from, to, port, source, flags);
        Stops(Sender, Tcp(Sender, Outside, 22, 2001, TcpFlags.Syn | TcpFlags.Ack), Outside, "before anybody called");
        Passes(Outside, Tcp(Outside, Sender, 2002, 22, TcpFlags.Syn), Sender, "the call");
        Passes(Sender, Tcp(Sender, Outside, 22, 2002, TcpFlags.Syn | TcpFlags.Ack), Outside, "the answer");
        Passes(Outside, Tcp(Outside, Sender, 2002, 22, TcpFlags.Ack), Sender, "the connection");
        Stops(Sender, Tcp(Sender, Outside, 22, 2003, TcpFlags.Ack), Outside, "another connection");
        Stops(Open, Tcp(Sender, Outside, 22, 2002, TcpFlags.Reset) with { SourceMac = Open.Mac }, Outside, "its end by another guest");
        Passes(Sender, Tcp(Sender, Outside, 22, 2002, TcpFlags.Ack), Outside, "the connection goes on");
    }

    [Test]
    public void APing_IsAnswered([Values] bool isV6)
    {
        IpPacket Echo(Station from, Station to, bool isAnswer) =>
            isV6 ? Icmp6(from, to, isAnswer ? 129 : 128, 0, 9, 9, 0, 1) : Icmp4(from, to, isAnswer ? 0 : 8, 0, 9, 9, 0, 1);
        Stops(Outside, Echo(Outside, Plain, isAnswer: true), Plain, "an answer to nothing");
        Passes(Plain, Echo(Plain, Outside, isAnswer: false), Outside, "the question");
        Passes(Outside, Echo(Outside, Plain, isAnswer: true), Plain, "the answer");
    }

    [Test]
    public void AnErrorAboutAConnection_Passes_FromWhoeverSeesIt()
    {
        var sent = Udp4(Plain, Outside, 7, 3001);
        Stops(Outside, Unreachable(Stranger, Plain, sent, 4), Plain, "before it was sent");
        Passes(Plain, sent, Outside, "what it is about");
        Passes(Outside, Unreachable(Stranger, Plain, sent, 4), Plain, "that it is too big");
        Passes(Outside, Unreachable(Outside, Plain, sent, 3), Plain, "that nobody listens");
        Stops(Outside, Unreachable(Stranger, Plain, Udp4(Plain, Outside, 7, 3002), 4), Plain, "about another connection");
        Stops(Open, Unreachable(Stranger, Plain, sent, 4) with { SourceMac = Open.Mac }, Plain, "from a guest that uses the router's address");
    }

    [Test]
    [Needs(Feature.ConntrackZones)]
    public void AConnectionOfOneNetwork_OpensNothingInAnother_WithTheSameAddresses([Values] bool isV6)
    {
        IpPacket Udp(Station from, Station to, int source, int port) => isV6 ? Udp6(from, to, port, source) : Udp4(from, to, port, source);
        Passes(Plain, Udp(Plain, Outside, 4001, 7), Outside, "the question");
        Stops(Outside2, Udp(Outside2, Plain2, 7, 4001), Plain2, "the answer in the other network");
        Passes(Outside, Udp(Outside, Plain, 7, 4001), Plain, "the answer");
        Passes(Plain2, Udp(Plain2, Outside2, 4001, 7), Outside2, "the question in the other network");
        Passes(Outside2, Udp(Outside2, Plain2, 7, 4001), Plain2, "and the answer to that");
    }

    [Test]
    public void NewConnections_AreLimited_AndOpenOnesAreNot([Values] bool isV6)
    {
        const int Tries = 60;
        IpPacket Udp(Station from, Station to, int source, int port) => isV6 ? Udp6(from, to, port, source) : Udp4(from, to, port, source);
        foreach (var (from, to) in new[] { (Outside4, Limited), (Limited, Outside4) })
        {
            Passes(from, Udp(from, to, 5001, 7), to, "the first");
            Passes(to, Udp(to, from, 7, 5001), from, "its answer");
            var passed = Enumerable.Range(5002, Tries).Count(port => Scene.Passes(from, Udp(from, to, port, 7), to));
            Assert.That(passed, Is.InRange(4, Tries / 2), "of those that follow at once");
            Passes(from, Udp(from, to, 5001, 7), to, "what is open");
        }
    }

    [Test]
    public void WhatAPortWithoutTrackingAnswers_ReachesOneThatIsTracked([Values] bool isV6)
    {
        IpPacket Udp(Station from, Station to, int source, int port) => isV6 ? Udp6(from, to, port, source) : Udp4(from, to, port, source);
        Stops(Untracked, Udp(Untracked, Plain, 7, 6001), Plain, "before it was asked for");
        Passes(Plain, Udp(Plain, Untracked, 6001, 7), Untracked, "the question");
        Passes(Untracked, Udp(Untracked, Plain, 7, 6001), Plain, "the answer");
        Passes(Outside, Udp(Outside, Untracked, 6001, 7), Untracked, "a question from outside");
        Passes(Untracked, Udp(Untracked, Outside, 7, 6001), Outside, "the answer to outside");
    }

    private static void Passes(Station from, Packet packet, Station to, string what) => Assert.That(Scene.Passes(from, packet, to), Is.True, what);

    private static void Stops(Station from, Packet packet, Station to, string what) => Assert.That(Scene.Passes(from, packet, to), Is.False, what);
}
