using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>Ports of a secured network on a real kernel: prepared before and after their devices, and followed.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan, Feature.Ipset)]
public sealed class PortTests
{
    private static readonly SecurityRule Ping = new() { Protocol = RuleProtocol.Icmp, Cidrs = [IpPrefix.Parse("0.0.0.0/0")] };

    [Test, MachineOnly]
    public void APort_PreparedBeforeItsDevice_IsGuardedFromTheFirstFrame()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal);
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
        Expect.Applied(agent.Prepare(PortOf("a", 5)));
        Expect.Applied(agent.Prepare(PortOf("b", 6) with { Security = new PortSecurity { Ingress = [Ping] } }));
        Assert.That(agent.View.Desired.Ports.Values.Select(p => p.Presence), Is.All.EqualTo(PortPresence.Waiting));

        using var a = hosts.First.AddGuest(["10.1.0.5/24"], "brvx-501", 1400, "02:00:4c:00:00:05");
        using var b = hosts.First.AddGuest(["10.1.0.6/24"], "brvx-501", 1400, "02:00:4c:00:00:06");
        agent.WaitUntil("both are there", v => v.Desired.Ports.Values.All(p => p.Presence == PortPresence.Attached) && v.Desired.Filter!.IsSameAs(v.State.Filter));

        Assert.That(a.Ping("10.1.0.6").Received, Is.EqualTo(3), "b lets pings in");
        Assert.That(b.Ping("10.1.0.5").Received, Is.Zero, "a lets nothing in");
        Expect.Applied(agent.Release("a"));
        Assert.That(a.Ping("10.1.0.6").Received, Is.Zero, "nobody may send who is not prepared");
        Expect.Applied(agent.Release("b"));
        Expect.Applied(agent.Shutdown(Secured.Id, allowDisruption: true));
        Assert.That(agent.Tools.Driver.Read().IsSameAs(Core.Model.Filtering.Ruleset.Empty), "nothing of ours is left");
    }

    [Test, MachineOnly]
    public void ARule_ThatGoes_EndsWhatItAllowed_AndNothingElse()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal);
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
        using var a = hosts.First.AddGuest(["10.1.0.5/24"], "brvx-501", 1400, "02:00:4c:00:00:05");
        using var b = hosts.First.AddGuest(["10.1.0.6/24"], "brvx-501", 1400, "02:00:4c:00:00:06");
        Expect.Applied(agent.Prepare(PortOf("a", 5)));
        Expect.Applied(agent.Prepare(PortOf("b", 6) with { Security = new PortSecurity { Ingress = [Udp(7), Udp(8)] } }));
        agent.WaitUntil("both are there", v => v.Desired.Ports.Values.All(p => p.Presence == PortPresence.Attached) && v.Desired.Filter!.IsSameAs(v.State.Filter));
        using var going = new Conversation(a.Namespace, b.Namespace, "10.1.0.6", 7);
        using var staying = new Conversation(a.Namespace, b.Namespace, "10.1.0.6", 8);
        Assert.That(going.Ask("one"), Is.EqualTo("one"));
        Assert.That(staying.Ask("one"), Is.EqualTo("one"));
        Expect.Applied(agent.Prepare(PortOf("b", 6) with { Security = new PortSecurity { Ingress = [Udp(8)] } }));
        going.Say("two");
        Assert.That(staying.Ask("two"), Is.EqualTo("two"), "what is still allowed goes on");
        Assert.That(going.HasHeard, Is.False, "what was said before that did not get through");
    }

    [Test, MachineOnly]
    public void IsolatedPorts_SeeOnlyPromiscuousOnes_UntilTheyAreReleased()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal);
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
        var open = new PortSecurity { Ingress = [Ping] };
        foreach (var (id, number, isIsolated) in new[] { ("a", 5, true), ("b", 6, true), ("c", 7, false) })
        {
            Expect.Applied(agent.Prepare(PortOf(id, number) with { Security = open, IsIsolated = isIsolated }));
        }

        using var a = hosts.First.AddGuest(["10.1.0.5/24"], "brvx-501", 1400, "02:00:4c:00:00:05");
        using var b = hosts.First.AddGuest(["10.1.0.6/24"], "brvx-501", 1400, "02:00:4c:00:00:06");
        using var c = hosts.First.AddGuest(["10.1.0.7/24"], "brvx-501", 1400, "02:00:4c:00:00:07");
        agent.WaitUntil("all are ready", v => v.Desired.Ports.Values.All(p => p is { Presence: PortPresence.Attached, IsReady: true }) && v.Desired.Filter!.IsSameAs(v.State.Filter));
        Assert.That(a.Ping("10.1.0.7").Received, Is.EqualTo(3), "a promiscuous one");
        Assert.That(a.Ping("10.1.0.6").Received, Is.Zero, "another isolated one");
        hosts.First.Namespace.Exec("bridge", "link", "set", "dev", a.Device, "isolated", "off");
        agent.WaitUntil("it was healed", v => v.State.Find(a.Device) is { Port.Isolated: true } && v.Desired.Filter!.IsSameAs(v.State.Filter) && v.Desired.Ports["a"].IsReady);
        Expect.Applied(agent.Prepare(PortOf("b", 6) with { Security = open }));
        Assert.That(a.Ping("10.1.0.6").Received, Is.EqualTo(3), "promiscuous now");
        Expect.Applied(agent.Release("a"));
        Assert.That(agent.View.State.Find(a.Device)?.Port?.Isolated, Is.False, "the device is as it was before");
    }

    [Test, MachineOnly]
    public void AnUnchangedPort_StartsNoProcess()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal);
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
        Expect.Applied(agent.Prepare(PortOf("a", 5)));
        var started = agent.Tools.Started.Count;
        Assert.That(agent.Prepare(PortOf("a", 5)).Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(agent.Tools.Started, Has.Count.EqualTo(started));
    }

    [Test, MachineOnly]
    public async Task ManyPorts_AreProgrammedTogether()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal);
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
        var started = agent.Tools.Started.Count;
        var reports = await Task.WhenAll(Enumerable.Range(1, 50).Select(i => agent.ChangeAsync(new PutPort(PortOf($"nic-{i}", i), []))));
        Assert.That(reports.Select(r => r.Outcome), Is.All.EqualTo(ChangeOutcome.Applied));
        Assert.That(reports.Select(r => r.Changes[0].Step.Subject.Id).Distinct().Count(), Is.GreaterThan(1), "each has its own report");
        Assert.That(agent.Tools.Started.Count - started, Is.LessThan(40), "few processes for many ports");
        Assert.That(agent.View.Desired.Filter!.IsSameAs(agent.Tools.Driver.Read()));
    }

    [Test]
    public void WipedRules_AreBackByThemselves()
    {
        using var hosts = TwoHosts.Create();
        var witness = new Witness();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: witness);
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
        Expect.Applied(agent.Prepare(PortOf("a", 5)));
        var wanted = agent.View.Desired.Filter!;
        foreach (var wipe in (string[][])
            [
                ["iptables", "-t", "raw", "-F"], ["ip6tables", "-F"], ["ebtables", "-t", "nat", "-F"], ["iptables", "-I", "FORWARD", "-j", "ACCEPT"],
                ["iptables", "-D", ChainNames.Of('i', "a"), "1"],
            ])
        {
            var drifted = witness.Drifts.Count;
            hosts.First.Namespace.Exec(wipe);
            agent.WaitUntil($"{string.Join(' ', wipe)}: seen and put right; {witness.Drifts.Count} drifts", v => witness.Drifts.Count > drifted && wanted.IsSameAs(v.State.Filter));
            Assert.That(wanted.IsSameAs(agent.Tools.Driver.Read()), string.Join(' ', wipe));
        }

        Assert.That(agent.Resync().Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(agent.View.Desired.Filter!.IsSameAs(agent.Tools.Driver.Read()));
    }

    [Test, MachineOnly]
    public void AKernelWithoutZones_FiltersAllTheSame_AndTheOperatorIsToldOnce()
    {
        using var hosts = TwoHosts.Create();
        var witness = new Witness();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: witness, hasZones: () => false);
        var plain = new Network { Id = "plain", PhysicalNetwork = "eth0", Isolation = new VxlanIsolation(502, null, null, new VxlanStatic([], [], null), null), GuestMtu = 1400 };
        Expect.Applied(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), plain)));
        Assert.That(agent.View.Findings, Is.Empty, "nothing needs a zone");
        Expect.Applied(agent.Implement(Secured));
        Expect.Applied(agent.Prepare(PortOf("a", 5)));
        Expect.Applied(agent.Prepare(PortOf("b", 6) with { Security = new PortSecurity { Ingress = [Udp(7)] } }));
        Assert.That(witness.Findings.Select(f => (f.Code, f.IsOpen)), Is.EqualTo(new[] { ("NO_CONNTRACK_ZONES", true) }));
        Assert.That(agent.View.Findings.Values.Single().Remedy, Does.Contain("CONFIG_NF_CONNTRACK_ZONES"));
        Assert.That(agent.View.Desired.Filter!.Tables.Values.SelectMany(t => t.Chains.Values).SelectMany(c => c.Rules), Has.None.Contains("--zone"));

        using var a = hosts.First.AddGuest(["10.1.0.5/24"], "brvx-501", 1400, "02:00:4c:00:00:05");
        using var b = hosts.First.AddGuest(["10.1.0.6/24"], "brvx-501", 1400, "02:00:4c:00:00:06");
        agent.WaitUntil("both are there", v => v.Desired.Ports.Values.All(p => p.Presence == PortPresence.Attached) && v.Desired.Filter!.IsSameAs(v.State.Filter));
        using var going = new Conversation(a.Namespace, b.Namespace, "10.1.0.6", 7);
        Assert.That(going.Ask("one"), Is.EqualTo("one"));
        Expect.Applied(agent.Prepare(PortOf("b", 6) with { Security = new PortSecurity { Ingress = [Udp(8)] } }));
        using var last = new Conversation(a.Namespace, b.Namespace, "10.1.0.6", 8);
        going.Say("two");
        Assert.That(last.Ask("three"), Is.EqualTo("three"));
        Assert.That(going.HasHeard, Is.False, "its connection was found in the one zone that there is, and ended");

        Expect.Applied(agent.Release("a"));
        Expect.Applied(agent.Release("b"));
        Expect.Applied(agent.Shutdown(Secured.Id, allowDisruption: true));
        Assert.That(witness.Findings.Select(f => (f.Code, f.IsOpen)), Is.EqualTo(new[] { ("NO_CONNTRACK_ZONES", true), ("NO_CONNTRACK_ZONES", false) }));
        Assert.That(agent.View.Findings, Is.Empty);
    }

    [Test, MachineOnly, Needs(Feature.IptablesNft, Feature.IptablesLegacy)]
    public void RulesInTheOtherBackend_AreFound_AndTheFindingGoesWithThem()
    {
        using var hosts = TwoHosts.Create();
        var witness = new Witness();
        using var agent = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: witness);
        var other = FilterTools.IsNft ? "iptables-legacy" : "iptables-nft";
        hosts.First.Namespace.Exec(other, "-A", "FORWARD", "-i", "docker0", "-j", "DROP");
        hosts.First.Namespace.Exec(other, "-A", "INPUT", "-i", "docker0", "-j", "ACCEPT");
        hosts.First.Namespace.Exec(other, "-t", "nat", "-N", "DOCKER");
        Assert.That(agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"))).Succeeded);
        Assert.That(agent.View.Findings, Is.Empty, "the filter is not in use");
        Expect.Applied(agent.Implement(Secured));
        var found = agent.View.Findings["OTHER_FIREWALL_BACKEND:iptables"];
        Assert.That(found.Message, Does.Contain("there are 2 rules that only").And.Contain(other));
        Assert.That(found.Evidence.Single().Text, Is.EqualTo("table filter: 2 rules, the first -A INPUT -i docker0 -j ACCEPT"));
        Assert.That(found.Remedy, Does.Contain("update-alternatives --config iptables"));
        Assert.That(witness.Findings.Select(f => (f.Id, f.IsOpen)), Is.EqualTo(new[] { ("OTHER_FIREWALL_BACKEND:iptables", true) }), "IPv6 has none");

        hosts.First.Namespace.Exec(other, "-F");
        Expect.Applied(agent.Shutdown(Secured.Id));
        Expect.Applied(agent.Implement(Secured));
        Assert.That(witness.Findings.Select(f => f.IsOpen), Is.EqualTo(new[] { true, false }));
        Assert.That(agent.View.Findings, Is.Empty);
    }

    private static readonly Network Secured = AgentHostScene.Vxlan(501, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), guestMtu: 1400) with
    {
        Security = new NetworkSecurity([]),
    };

    private static Port PortOf(string id, int number) => FilterScene.Port(id, Secured.Id, number);

    private static SecurityRule Udp(int port) => new() { Protocol = RuleProtocol.Udp, Ports = new PortRange(port, port), Cidrs = [IpPrefix.Parse("10.1.0.0/24")] };

    /// <summary>Two sockets that speak with each other; the second one answers with what it hears.</summary>
    private sealed class Conversation : IDisposable
    {
        private const int Limit = 10_000;
        private readonly Socket _asking;
        private readonly Socket _answering;

        public Conversation(NetNamespace from, NetNamespace to, string address, int port)
        {
            _answering = to.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Limit });
            _answering.Bind(new IPEndPoint(IPAddress.Any, port));
            _asking = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Limit });
            _asking.Connect(IPAddress.Parse(address), port);
        }

        public bool HasHeard => _answering.Available > 0;

        public void Say(string what) => _asking.Send(Encoding.ASCII.GetBytes(what));

        public string Ask(string what)
        {
            Say(what);
            var buffer = new byte[64];
            EndPoint asker = new IPEndPoint(IPAddress.Any, 0);
            var length = _answering.ReceiveFrom(buffer, ref asker);
            _answering.SendTo(buffer.AsSpan(0, length), asker);
            return Encoding.ASCII.GetString(buffer, 0, _asking.Receive(buffer));
        }

        public void Dispose()
        {
            _asking.Dispose();
            _answering.Dispose();
        }
    }

    private sealed class Witness : SilentObserver
    {
        public ConcurrentQueue<Drift> Drifts { get; } = new();

        public ConcurrentQueue<Finding> Findings { get; } = new();

        public override void Drifted(Drift drift) => Drifts.Enqueue(drift);

        public override void Found(Finding finding) => Findings.Enqueue(finding);
    }
}
