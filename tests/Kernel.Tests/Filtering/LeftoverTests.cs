using System.Net;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>What a life of the agent leaves in the packet filter, and what the next one makes of it.</summary>
[TestFixture, MachineOnly]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan, Feature.Ipset, Feature.ConntrackZones)]
public sealed partial class LeftoverTests
{
    [Test]
    public void RulesOfPortsThatAreNoMore_GoAtTheStart_AndNothingOfOthers()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First.Namespace;
        MakeForeign(host);
        var foreign = Saved(host);
        using (var first = new AgentHostScene(host, drift: DriftMode.Heal))
        {
            Expect.Applied(first.Apply(Config("a", "b")));
        }

        Assert.That(Saved(host), Is.Not.EqualTo(foreign));
        var journal = new MemoryJournal();
        using (var another = TwoHosts.Create())
        using (var elsewhere = new AgentHostScene(another.First.Namespace, journal: journal))
        {
            Expect.Applied(elsewhere.Apply(Config()));
            Expect.Applied(elsewhere.Shutdown(Secured.Id));
        }

        using var second = new AgentHostScene(host, drift: DriftMode.Heal, journal: journal);
        second.WaitUntil("it has begun", v => v.Desired.Filter is not null && v.State.Filter.IsSameAs(Ruleset.Empty));
        Assert.That(Saved(host), Is.EqualTo(foreign));
    }

    [Test]
    public void ADeathBetweenAnyTwoTools_IsMendedByTheNextLife()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First.Namespace;
        var journal = new MemoryJournal();
        Ruleset before, after;
        using (var first = new AgentHostScene(host, drift: DriftMode.Heal, journal: journal))
        {
            Expect.Applied(first.Apply(Config("a")));
            before = first.View.Desired.Filter!;
            Expect.Applied(first.Apply(Config("b", "c")));
            after = first.View.Desired.Filter!;
        }

        var deaths = 0;
        while (Dies(host, before, after, deaths))
        {
            deaths++;
            using var next = new AgentHostScene(host, drift: DriftMode.Heal, journal: journal);
            next.WaitUntil($"it has mended what death {deaths} left", v => after.IsSameAs(v.State.Filter));
            Assert.That(after.IsSameAs(next.Tools.Driver.Read()), $"death {deaths}");
        }

        Assert.That(deaths, Is.EqualTo(5), "sets, three tools, sets");
        Assert.That(after.IsSameAs(new FilterTools(host).Driver.Read()));
    }

    /// <summary>Whether it came to that: a change in which the tools that come after so many never start.</summary>
    private static bool Dies(NetNamespace host, Ruleset before, Ruleset after, int started)
    {
        var tools = new FilterTools(host);
        Assert.That(tools.Driver.Change(tools.Driver.Read(), before), Is.Null);
        var left = started;
        tools.BeforeStart = () =>
        {
            if (Interlocked.Decrement(ref left) < 0)
            {
                throw new DeathException();
            }
        };
        try
        {
            tools.Driver.Change(before, after);
            return false;
        }
        catch (DeathException)
        {
            return true;
        }
    }

    private static readonly Network Secured = AgentHostScene.Vxlan(501, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), guestMtu: 1400) with
    {
        Security = new NetworkSecurity([]),
    };

    private static HostConfig Config(params IEnumerable<string> ports) => AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured) with
    {
        Ports = HostConfig.Empty.Ports.AddRange(ports.Select((id, i) => KeyValuePair.Create(id, PortOf(id, i + 1)))),
    };

    /// <summary>With a set of its own.</summary>
    private static Port PortOf(string id, int number) => FilterScene.Port(id, Secured.Id, number) with
    {
        Security = new PortSecurity
        {
            Ingress = [new SecurityRule { Protocol = RuleProtocol.All, Cidrs = [.. Enumerable.Range(1, 20).Select(i => IpPrefix.Parse($"192.0.{id[0] - 'a'}.{i}"))] }],
        },
    };

    /// <summary>What has nearly our names, and stands where ours stand.</summary>
    private static void MakeForeign(NetNamespace host)
    {
        const string Sets = """
            create CBX-set hash:net family inet
            add CBX-set 10.0.0.0/8
            create cb-set hash:net family inet

            """;
        const string Rules = """
            *raw
            :CBX-foo - [0:0]
            -A PREROUTING -i eth7 -j CBX-foo
            COMMIT
            *filter
            :CBX-foo - [0:0]
            :cb-foo - [0:0]
            :CB - [0:0]
            -A INPUT -i eth7 -j CB
            -A FORWARD -i eth7 -j ACCEPT
            -A FORWARD -m comment --comment "CB-FORWARD is not ours" -j CBX-foo
            -A CBX-foo -p tcp -m tcp --dport 25 -j DROP
            -A cb-foo -j RETURN
            COMMIT

            """;
        const string Frames = """
            *nat
            :CBX-foo RETURN
            -A PREROUTING -i eth7 -j CBX-foo
            -A CBX-foo -p ARP -j ACCEPT

            """;
        host.TryExec(["ipset", "restore"], Sets).EnsureSuccess();
        host.TryExec(["iptables-restore"], Rules).EnsureSuccess();
        host.TryExec(["ip6tables-restore"], Rules).EnsureSuccess();
        host.TryExec(["ebtables-restore"], Frames).EnsureSuccess();
    }

    /// <summary>All that the tools show, but for counters and the time.</summary>
    private static string Saved(NetNamespace host) => Passing().Replace(
        string.Concat(((string[][])[["ipset", "save"], ["iptables-save"], ["ip6tables-save"], ["ebtables-save"]]).Select(tool => host.Exec(tool).Output)), "");

    [GeneratedRegex(@"^#.*\n|\[\d+:\d+\]", RegexOptions.Multiline)]
    private static partial Regex Passing();

    private sealed class DeathException : Exception;
}
