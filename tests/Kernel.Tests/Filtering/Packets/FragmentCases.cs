using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>Fragments are judged as the whole that they are parts of.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class FragmentCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    [Test]
    public void APartOfAnothersDatagram_IsNotAddedToIt([Values] bool isV6)
    {
        // Both versions carry it, each at its place.
        var number = isV6 ? 19_001 : 19_002;
        var datagram = (isV6 ? Udp6(Open, Outside, 4000, length: 56) : Udp4(Open, Outside, 4000, length: 56)) with { Cuts = [32], Number = number };
        Assert.That(Scene.Passes(Open, datagram with { Sent = [0] }, Outside), Is.False, "its first part alone");
        Assert.That(Scene.Passes(Plain, datagram with { Sent = [1], SourceMac = Plain.Mac }, Outside), Is.False, "the last part from another guest");
        Assert.That(Scene.Passes(Open, datagram with { Sent = [1] }, Outside), Is.True, "its own last part");
    }

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("a datagram in two", Outside, Udp4(Outside, Open, 4000, length: 56) with { Cuts = [32] }, Open),
        Passes("a datagram in two, IPv6", Outside, Udp6(Outside, Open, 4000, length: 56) with { Cuts = [32] }, Open),
        Passes("an allowed port behind a first fragment of eight bytes", Outside, Tcp4(Outside, Ruled, 80) with { Cuts = [8] }, Ruled),
        Passes("the last fragment first", Outside, Udp4(Outside, Open, 4000, length: 56) with { Cuts = [16, 40], Sent = [2, 1, 0] }, Open),
        Passes("the last fragment first, IPv6", Outside, Udp6(Outside, Open, 4000, length: 56) with { Cuts = [16, 40], Sent = [2, 1, 0] }, Open),
        Passes("a guest's datagram in two", Plain, Udp4(Plain, Outside, 4000, length: 56) with { Cuts = [32] }, Outside),
        Passes("a guest's datagram in two, IPv6", Plain, Udp6(Plain, Outside, 4000, length: 56) with { Cuts = [32] }, Outside),
        Stops("a port that is not allowed", Outside, Udp4(Outside, Ruled, 4000, length: 56) with { Cuts = [32] }, Ruled),
        Stops("a port that is not allowed, IPv6", Outside, Udp6(Outside, Ruled, 4000, length: 56) with { Cuts = [32] }, Ruled),
        Stops("a port that is not allowed behind a first fragment of eight bytes", Outside, Tcp4(Outside, Ruled, 81 + 443) with { Cuts = [8] }, Ruled),
        Stops("a port that is not allowed behind a first fragment of eight bytes, IPv6", Outside, Tcp6(Outside, Ruled, 81 + 443) with { Cuts = [8] }, Ruled),
        Stops("no more than a first fragment", Outside, Udp4(Outside, Open, 4000, length: 56) with { Cuts = [32], Sent = [0] }, Open),
        Stops("no more than a first fragment, IPv6", Outside, Udp6(Outside, Open, 4000, length: 56) with { Cuts = [32], Sent = [0] }, Open),
        Stops("no more than a last fragment", Outside, Udp4(Outside, Ruled, 4000, length: 56) with { Cuts = [32], Sent = [1] }, Ruled),
        Stops("no more than a last fragment, IPv6", Outside, Udp6(Outside, Ruled, 4000, length: 56) with { Cuts = [32], Sent = [1] }, Ruled),
        Stops("no more than a last fragment with another's address", Plain, Udp4(Plain, Outside, 4000, length: 56) with { Cuts = [32], Sent = [1], Source = Open.V4 }, Outside),
        Stops("another's address", Plain, Udp4(Plain, Outside, 4000, length: 56) with { Cuts = [32], Source = Open.V4 }, Outside),
        Stops("another's address, IPv6", Plain, Udp6(Plain, Outside, 4000, length: 56) with { Cuts = [32], Source = Open.V6 }, Outside),
        Stops("what no egress rule speaks of", Sender, Udp4(Sender, Outside, 4000, length: 56) with { Cuts = [32] }, Outside),
        Stops("what no egress rule speaks of, IPv6", Sender, Udp6(Sender, Outside, 4000, length: 56) with { Cuts = [32] }, Outside),
    ];
}
