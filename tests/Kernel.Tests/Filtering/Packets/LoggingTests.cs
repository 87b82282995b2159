using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A collector hears of what a port drops, if the port asks for it, with why and whose it was.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class LoggingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly Lazy<DropCollector> Lazily = new(() => DropCollector.Open(Namespace, LogGroup));

    private static readonly Lock Turn = new();

    [OneTimeTearDown]
    public static void CloseCollector()
    {
        if (Lazily.IsValueCreated)
        {
            Lazily.Value.Dispose();
        }
    }

    [TestCaseSource(nameof(Dropped))]
    public void WhatIsDropped_IsLogged(string why, Station from, Packet packet, Station to)
    {
        using var turn = Turn.EnterScope();
        Drain();
        Assert.That(Scene.Passes(from, packet, to), Is.False);
        Assert.That(CollectUntil(Prefix(why)), Has.Some.EqualTo(Prefix(why)));
    }

    [Test]
    public void WhatPasses_IsNotLogged()
    {
        using var turn = Turn.EnterScope();
        Drain();
        Assert.That(Scene.Passes(Logged, Udp4(Logged, Outside, 6000), Outside), Is.True);
        Assert.That(Scene.Passes(Logged, Udp4(Logged, Outside, 6000) with { Source = Open.V4 }, Outside), Is.False);
        Assert.That(CollectUntil(Prefix("spoofed")), Has.None.EqualTo(Prefix("egress")));
    }

    private static string Prefix(string why) => $"cloudbr:{why}:one-{Logged.Device}";

    private static void Drain()
    {
        while (Lazily.Value.Receive(TimeSpan.Zero) is not null)
        {
            // What others sent to everybody was dropped here, too.
        }
    }

    /// <summary>All up to the one that is waited for.</summary>
    private static List<string> CollectUntil(string last)
    {
        var collected = new List<string>();
        while (!collected.Contains(last) && Lazily.Value.Receive(Limit) is { } prefix)
        {
            collected.Add(prefix);
        }

        return collected;
    }

    private static IEnumerable<TestCaseData> Dropped() =>
    [
        Of("another's MAC", "spoofed", Logged, Udp4(Logged, Outside, 6000) with { SourceMac = Open.Mac }, Outside),
        Of("another's address", "spoofed", Logged, Udp4(Logged, Outside, 6000) with { Source = Open.V4 }, Outside),
        Of("another's address, IPv6", "spoofed", Logged, Udp6(Logged, Outside, 6000) with { Source = Open.V6 }, Outside),
        Of("a DHCP answer", "spoofed", Logged, Udp4(Logged, Outside, 68, 67), Outside),
        Of("a DHCPv6 answer", "spoofed", Logged, Udp6(Logged, Outside, 546, 547), Outside),
        Of("a router's announcement", "spoofed", Logged, Icmp6(Logged, Outside, 134) with { HopLimit = 255 }, Outside),
        Of("what no egress rule allows", "egress", Logged, Udp4(Logged, Outside, 4000), Outside),
        Of("what no egress rule allows, IPv6", "egress", Logged, Udp6(Logged, Outside, 4000), Outside),
        Of("what no ingress rule allows", "ingress", Outside, Udp4(Outside, Logged, 4000), Logged),
        Of("what no ingress rule allows, IPv6", "ingress", Outside, Udp6(Outside, Logged, 4000), Logged),
    ];

    private static TestCaseData Of(string what, string why, Station from, Packet packet, Station to) =>
        new TestCaseData(why, from, packet, to).SetArgDisplayNames(what);
}
