using System.Text.Json;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>The bridge of a segment is as it was asked for, whoever is plugged into it.</summary>
[MachineOnly, Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class SegmentBridgeTests
{
    private const string Bridge = "brvx-101";

    [Test, MachineOnly]
    public void Options_NotGiven_AreThoseThatDecideNothingForGuests()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);

        agents.Apply(Config(CheckOnly("eth0"), Multicast(101)));

        Assert.That(OptionsOf(hosts.First), Is.EqualTo("stp 0, delay 0, snooping 0, querier 0, mask 0, ageing 30000"));
        Assert.That(MacOf(hosts.First), Is.Not.EqualTo(MacOf(hosts.Second)), "two bridges of one segment with the same MAC");
    }

    [Test]
    public void Options_ThatChange_AreWrittenInPlace()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First.Namespace;
        using var agent = new AgentHostScene(host);
        agent.Apply(Config(CheckOnly("eth0"), Multicast(101))).MustBe(ChangeOutcome.Applied);
        var index = Shown.Link(host, Bridge).GetProperty("ifindex").GetInt32();
        var config = Config(CheckOnly("eth0"), Multicast(101) with
        {
            Bridge = new BridgeOptions
            {
                Stp = true,
                ForwardDelayMs = 4000,
                MulticastSnooping = true,
                MulticastQuerier = true,
                GroupFwdMask = 0x4000,
                AgeingMs = 120_000,
                Mac = MacAddress.Parse("02:00:00:00:01:01"),
            },
        });

        agent.Apply(config).MustBe(ChangeOutcome.Applied);

        Assert.That(OptionsOf(hosts.First), Is.EqualTo("stp 1, delay 400, snooping 1, querier 1, mask 0x4000, ageing 12000"));
        Assert.That(MacOf(hosts.First), Is.EqualTo("02:00:00:00:01:01"));
        Assert.That(Shown.Link(host, Bridge).GetProperty("ifindex").GetInt32(), Is.EqualTo(index));
        agent.MustBeSettled(config);
    }

    /// <summary>A bridge takes the lowest MAC and the lowest MTU of its members, unless both are held.</summary>
    [Test]
    public void Member_WithALowerMacAndMtu_ChangesNeitherOfTheBridges()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First.Namespace;
        using var agent = new AgentHostScene(host);
        var config = Config(CheckOnly("eth0"), Multicast(101));
        agent.Apply(config).MustBe(ChangeOutcome.Applied);
        var mac = MacOf(hosts.First);
        host.Ip("link add name unheld type bridge");

        foreach (var bridge in new[] { "unheld", Bridge })
        {
            host.Ip("link add name low address 00:16:3e:00:00:01 mtu 1400 type veth peer name end", $"link set low master {bridge} up");
            var link = Shown.Link(host, bridge);
            var expected = bridge == Bridge ? (mac, 1500) : ("00:16:3e:00:00:01", 1400);
            Assert.That((link.GetProperty("address").GetString(), link.GetProperty("mtu").GetInt32()), Is.EqualTo(expected), bridge);
            host.Ip("link del low");
        }

        Assert.That(MacOf(hosts.First), Is.EqualTo(mac));
        Assert.That(Shown.Mtu(host, Bridge), Is.EqualTo(1500));
        agent.MustBeSettled(config);
    }

    private static string OptionsOf(Host host)
    {
        var options = Shown.Kind(host.Namespace, Bridge);
        JsonElement Of(string name) => options.GetProperty(name);
        return $"stp {Of("stp_state")}, delay {Of("forward_delay")}, snooping {Of("mcast_snooping")}, querier {Of("mcast_querier")}, "
            + $"mask {Of("group_fwd_mask")}, ageing {Of("ageing_time")}";
    }

    private static string MacOf(Host host) => Shown.Link(host.Namespace, Bridge).GetProperty("address").GetString()!;
}
