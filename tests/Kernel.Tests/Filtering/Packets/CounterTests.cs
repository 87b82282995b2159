using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>What a port's rules count is what was sent, packet by packet, and stays while others' rules change.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class CounterTests
{
    /// <summary>An IPv4 header, one of UDP and 16 bytes; of IPv6 20 more.</summary>
    private const int Udp4Bytes = 44;

    private const int Udp6Bytes = 64;

    /// <summary>A header of TCP and nothing.</summary>
    private const int Tcp4Bytes = 40;

    private static readonly Station Counted = new("vnet0", "02:00:4c:00:00:01", "10.1.0.1", "fd00::1");
    private static readonly Station Other = new("vnet1", "02:00:4c:00:00:02", "10.1.0.2", "fd00::2");
    private static readonly Station Outside = new("vxlan101", "02:00:4c:00:ff:01", "10.1.0.251", "fd00::fb");

    private static readonly PortSecurity Security = new()
    {
        Ingress =
        [
            new SecurityRule { Id = "web", Protocol = RuleProtocol.Tcp, Ports = new PortRange(80, 80), Cidrs = [IpPrefix.Parse("10.0.0.0/8")] },
            new SecurityRule
            {
                Protocol = RuleProtocol.Udp,
                Ports = new PortRange(5000, 5000),
                Cidrs = [IpPrefix.Parse("10.1.0.2"), IpPrefix.Parse("10.1.0.251"), IpPrefix.Parse("fd00::/64")],
            },
        ],
        Egress = [new SecurityRule { Id = "out", Protocol = RuleProtocol.Udp, Ports = new PortRange(7, 7), Cidrs = [IpPrefix.Parse("0.0.0.0/0")] }],
        CountsRules = true,
    };

    [Test]
    public async Task WhatWasSent_IsCountedByItsRule_AndStaysWhileOthersChange()
    {
        using var host = NetNamespace.Create();
        using var scene = new PacketScene();
        scene.AddBridge(host, "brvx-101", Counted, Other, Outside);
        var filter = new FilterScene(host);
        Assert.That(filter.Apply(Intent(Security, others: [])), Is.Null);
        var read = new List<RuleCount>();
        await ReadAsync();
        Assert.That(read, Has.Count.EqualTo(5).And.All.Matches<RuleCount>(c => c is { Packets: 0, Bytes: 0 }));

        Send(true, Outside, Tcp4(Outside, Counted, 80), Counted);
        Send(true, Outside, Tcp4(Outside, Counted, 80), Counted);
        Send(true, Outside, Udp4(Outside, Counted, 5000), Counted);
        Send(true, Other, Udp4(Other, Counted, 5000), Counted);
        Send(true, Outside, Udp6(Outside, Counted, 5000), Counted);
        Send(false, Outside, Udp4(Outside, Counted, 5001), Counted);
        Send(false, Outside, Udp6(Outside, Counted, 5001), Counted);
        Send(true, Counted, Udp4(Counted, Outside, 7), Outside);
        Send(false, Counted, Tcp4(Counted, Outside, 22), Outside);
        RuleCount[] expected =
        [
            new("web", 0, true, 2, 2 * Tcp4Bytes),
            new("", 1, true, 3, (2 * Udp4Bytes) + Udp6Bytes),
            new(RuleCount.Drop, null, true, 2, Udp4Bytes + Udp6Bytes),
            new("out", 0, false, 1, Udp4Bytes),
            new(RuleCount.Drop, null, false, 1, Tcp4Bytes),
        ];
        await ReadAsync();
        Assert.That(read, Is.EqualTo(expected));

        Assert.That(filter.Apply(Intent(Security, others: Security.Ingress)), Is.Null);
        await ReadAsync();
        Assert.That(read, Is.EqualTo(expected), "another port's rules changed");

        Assert.That(filter.Apply(Intent(Security with { Ingress = [Security.Ingress[1]] }, others: [])), Is.Null);
        await ReadAsync(Security with { Ingress = [Security.Ingress[1]] });
        Assert.That(read, Is.EqualTo(new[] { new RuleCount("", 0, true, 0, 0), new RuleCount(RuleCount.Drop, null, true, 0, 0), expected[3], expected[4] }), "its own did");

        async Task ReadAsync(PortSecurity? security = null)
        {
            var port = Port(Counted, security ?? Security);
            var counts = (await new FilterTools(host).Counters.ReadAsync(Desired.Nothing with { Filter = filter.Wanted }, [port]))[port.NicId];
            Assert.That(counts.Failure, Is.Null);
            read = [.. counts.Rules];
        }

        void Send(bool arrives, Station from, Packet packet, Station to) => Assert.That(scene.Passes(from, packet, to), Is.EqualTo(arrives));
    }

    [Test]
    public async Task RulesThatAreNotAsDesired_AndToolsThatFail_LeaveItUnknown()
    {
        using var host = NetNamespace.Create();
        var (filter, tools, port) = (new FilterScene(host), new FilterTools(host), Port(Counted, Security));
        Assert.That(filter.Apply(Intent(Security, others: [])), Is.Null);
        var desired = Desired.Nothing with { Filter = filter.Wanted };
        var chain = ChainNames.Of('o', port.NicId);
        var other = new Renderer().Render(Intent(Security with { Egress = [Security.Egress[0] with { Ports = new PortRange(8, 8) }] }, others: []));
        await ExpectUnknownAsync(desired with { Filter = other }, "others are desired");
        host.Exec("ip6tables", "-D", chain, "1");
        await ExpectUnknownAsync(desired, "one is gone");
        host.Exec("ip6tables", "-F", chain);
        await ExpectUnknownAsync(desired, "all are gone");

        var broken = new RuleCounters((call, limit) => Linux.Process.Tool.RunAsync("false", [], limit, CancellationToken.None));
        var failed = (await broken.ReadAsync(desired, [port]))[port.NicId];
        Assert.That((failed.Rules.Count, failed.Failure?.Reason, failed.Failure?.Subject), Is.EqualTo((0, "FILTER_UNREADABLE", ObjectRef.Port(port.NicId))));

        async Task ExpectUnknownAsync(Desired desired, string why)
        {
            var counts = (await tools.Counters.ReadAsync(desired, [port]))[port.NicId];
            Assert.That((counts.Rules.Count, counts.Failure?.Reason), Is.EqualTo((0, "RULES_NOT_IN_PLACE")), why);
        }
    }

    [Test]
    public async Task PortsThatDoNotCount_StartNoProcess()
    {
        using var host = NetNamespace.Create();
        var (filter, tools) = (new FilterScene(host), new FilterTools(host));
        Assert.That(filter.Apply(Intent(Security, others: [])), Is.Null);
        var desired = Desired.Nothing with { Filter = filter.Wanted };
        Assert.That(await tools.Counters.ReadAsync(desired, [Port(Other, new PortSecurity())]), Is.Empty);
        Assert.That(tools.Started, Is.Empty);
        await tools.Counters.ReadAsync(desired, [Port(Counted, Security), Port(Other, new PortSecurity())]);
        Assert.That(tools.Started, Is.EquivalentTo(new[] { "iptables-save", "ip6tables-save" }));
    }

    private static FirewallIntent Intent(PortSecurity counted, ValueList<SecurityRule> others) => FilterScene.Intent(FilterScene.Network(
        "one",
        "brvx-101",
        "vxlan101",
        new FilteredPort(Port(Counted, counted), Counted.Device),
        new FilteredPort(Port(Other, new PortSecurity { Ingress = others }), Other.Device)));

    private static Port Port(Station station, PortSecurity security) => new()
    {
        NicId = station.Device,
        Network = "one",
        Mac = MacAddress.Parse(station.Mac),
        Addresses = [IpPrefix.Parse(station.V4), IpPrefix.Parse(station.V6)],
        Security = security,
    };
}
