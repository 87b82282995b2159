using System.Collections.Concurrent;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>What is programmed is read back from the kernel as it was written, rule by rule.</summary>
[TestFixture]
[Needs(Feature.Ipset)]
public sealed class ProgrammingTests
{
    [Test]
    public void EverySortOfRule_IsReadBackAsWritten()
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        Assert.That(scene.Apply(Everything()), Is.Null);
        Expect(scene.Driver.Read(), scene.Wanted);
    }

    [Test, MachineOnly]
    public void AThousandPorts_AreFoundByATreeOfNames()
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        Assert.That(scene.Apply(FilterScene.Intent(Many(1_000))), Is.Null);
        Expect(scene.Driver.Read(), scene.Wanted);
        Assert.That(scene.Wanted.Tables.Values.SelectMany(t => t.Chains.Values).Max(c => c.Rules.Length), Is.LessThan(50));
    }

    [Test, MachineOnly]
    public void AChange_LeavesTheCountersOfOtherPorts()
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        Assert.That(scene.Apply(FilterScene.Intent(Many(20))), Is.Null);
        var before = scene.Wanted;
        Assert.That(scene.Apply(FilterScene.Intent(Many(20, p => p.NicId == "nic-7" ? p with { Addresses = [IpPrefix.Parse("10.9.0.7")], Security = new PortSecurity { Ingress = [Web] } } : p))), Is.Null);
        Expect(scene.Driver.ReadBack(before, before, scene.Wanted), scene.Wanted);
        Expect(scene.Driver.Read(), scene.Wanted);
        Assert.That(scene.Started, Has.Exactly(3).EqualTo("iptables-restore"), "two that change something and one that lists");
        Assert.That(scene.Apply(FirewallIntent.Empty), Is.Null);
        Expect(scene.Driver.Read(), Ruleset.Empty);
    }

    [Test]
    public void AChain_ThatIsGone_IsReadAsGone()
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        var limited = FilterScene.Port("a", "one", 1) with { Security = new PortSecurity { ConnectionLimit = new ConnectionLimit(10, 10), EgressDefault = EgressDefault.Deny } };
        Assert.That(scene.Apply(FilterScene.Intent(FilterScene.Network("one", "brvx-101", "vxlan101", new FilteredPort(limited, "vnet0")))), Is.Null);
        var before = scene.Wanted;
        var gone = ChainNames.Of('u', "a");
        host.Exec("iptables", "-D", ChainNames.Of('i', "a"), "-m", "conntrack", "--ctstate", "NEW", "-j", gone);
        host.Exec("iptables", "-F", gone);
        host.Exec("iptables", "-X", gone);
        var filter = before.Tables[TableId.Filter4];
        var other = filter with { Chains = filter.Chains.ToDictionary(c => c.Key, c => c.Key == gone ? new Chain(gone, ["-j DROP"]) : c.Value, StringComparer.Ordinal) };
        var read = scene.Driver.ReadBack(before, before with { Tables = before.Tables.SetItem(TableId.Filter4, other) }, before);
        Assert.That(read.Tables[TableId.Filter4].Chains.Keys, Does.Not.Contain(gone).And.Contain(ChainNames.Of('i', "a")));
    }

    [Test]
    public void BridgeNames_AreTriedAndLeaveNothing()
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        Assert.That(scene.Driver.MatchesBridges(), Is.EqualTo(FilterTools.MatchesBridges));
        Expect(scene.Driver.Read(), Ruleset.Empty);
    }

    [Test]
    public void Zones_AreTriedAndLeaveNothing()
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        Assert.That(scene.Driver.HasZones(), Is.EqualTo(FeatureProbe.Has(Feature.ConntrackZones)));
        Expect(scene.Driver.Read(), Ruleset.Empty);
    }

    [TestCase(FirewallBackend.Nft, Feature.IptablesLegacy, "legacy")]
    [TestCase(FirewallBackend.Legacy, Feature.IptablesNft, "nft")]
    public void RulesOfTheOtherBackend_AreSeen_AndLookingChangesNothing(FirewallBackend used, Feature other, string name)
    {
        if (!FeatureProbe.Has(other))
        {
            Assert.Ignore($"needs {FeatureProbe.NameOf(other)}");
        }

        using var host = NetNamespace.Create();
        var tools = new FilterTools(host);
        Assert.That(tools.OtherThan(used).Find(), Is.Empty);
        Assert.That(tools.Started, used == FirewallBackend.Nft ? Is.Empty : Is.EqualTo(new[] { "iptables-nft-save", "ip6tables-nft-save" }));
        Assert.That(host.Run(() => LegacyTables.Names(isV6: false)), Is.Empty, "to look at a table with its tool would make it");
        host.Exec($"ip6tables-{name}", "-t", "mangle", "-A", "FORWARD", "-j", "ACCEPT");
        var found = tools.OtherThan(used).Find().Single();
        Assert.That((found.Id, found.Evidence.Single().Source), Is.EqualTo(("OTHER_FIREWALL_BACKEND:ip6tables", $"ip6tables-{name}-save")));
        Assert.That(found.Evidence.Single().Text, Is.EqualTo("table mangle: 1 rule -A FORWARD -j ACCEPT"));
    }

    /// <summary>The lock is the whole host's, and other tests' tools take it, too.</summary>
    [Test, NonParallelizable]
    public void AHeldLock_IsToldWithItsHolder_AndEndsInARefusalThatSaysWhatToDo()
    {
        if (FilterTools.IsNft)
        {
            Assert.Ignore("needs the legacy tools as the host's, which the lab has");
        }

        using var host = NetNamespace.Create();
        var told = new ConcurrentQueue<string>();
        var driver = new FilterTools(host, (tool, words) => told.Enqueue($"{tool}: {words}")) { LockSeconds = "2" }.Driver;
        var wanted = new Renderer().Render(FirewallIntent.Empty with { Host = new HostServices(new HostAccess([IpPrefix.Parse("192.0.2.0/28")], []), 9600, [], 862) });
        using (new FileStream("/run/xtables.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            var refused = driver.Change(Ruleset.Empty, wanted);
            Assert.That((refused?.Reason, refused?.Retryable), Is.EqualTo(("XTABLES_LOCKED", true)));
            Assert.That(refused?.Message, Does.Contain("for /run/xtables.lock, which ").And.Contains($"(process {Environment.ProcessId})"));
            Assert.That(told, Has.Some.StartsWith("iptables-restore: it waits for /run/xtables.lock, which ").And.Some.Contains($"(process {Environment.ProcessId})"));
        }

        Assert.That(driver.Change(Ruleset.Empty, wanted), Is.Null, "nobody holds it any more");
        Expect(driver.Read(), wanted);
    }

    private static readonly SecurityRule Web = new() { Protocol = RuleProtocol.Tcp, Ports = new PortRange(80, 80), Cidrs = [IpPrefix.Parse("0.0.0.0/0")] };

    private static void Expect(Ruleset actual, Ruleset wanted)
    {
        foreach (var (id, table) in wanted.Tables)
        {
            Assert.That(Text(actual.Tables[id]), Is.EqualTo(Text(table)), id.ToString());
        }

        Assert.That(actual.Sets.Values, Is.EqualTo(wanted.Sets.Values));
    }

    private static string Text(Table table) =>
        string.Concat(table.Hooks.Select(h => $"{h.Key} -> {h.Value}\n")) + string.Concat(table.Strays.Select(s => $"stray {s}\n")) + string.Concat(table.Chains.Values.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => $":{c.Name}\n{c}"));

    private static SecuredNetwork Many(int count, Func<Port, Port>? change = null) => FilterScene.Network(
        "many", "brvx-101", "vxlan101", Enumerable.Range(1, count).Select(i => new FilteredPort(
            (change ?? (p => p))(FilterScene.Port(string.Create(CultureInfo.InvariantCulture, $"nic-{i}"), "many", i)),
            string.Create(CultureInfo.InvariantCulture, $"vnet{i - 1}"))));

    private static FirewallIntent Everything()
    {
        var all = (IpPrefix[])[IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")];
        var many = Enumerable.Range(1, 20).Select(i => IpPrefix.Parse($"192.0.2.{i}")).Append(IpPrefix.Parse("2001:db8::/32"));
        SecurityRule[] rules =
        [
            new() { Protocol = RuleProtocol.All, Cidrs = [IpPrefix.Parse("10.0.0.0/8")] },
            new() { Id = "web", Protocol = RuleProtocol.Tcp, Ports = new PortRange(22, 80), Cidrs = [.. all] },
            new() { Id = "one", Protocol = RuleProtocol.Udp, Ports = new PortRange(53, 53), Cidrs = [.. many] },
            new() { Protocol = RuleProtocol.Tcp, Ports = new PortRange(0, 65_535), Cidrs = [.. all], AddressGroups = ["friends"] },
            new() { Protocol = RuleProtocol.Sctp, Ports = new PortRange(1, 5), Cidrs = [.. all] },
            new() { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(8, null), Cidrs = [IpPrefix.Parse("10.0.0.0/8")] },
            new() { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(3, 4), Cidrs = [IpPrefix.Parse("10.0.0.0/8")] },
            new() { Protocol = RuleProtocol.Icmp, Cidrs = [IpPrefix.Parse("10.0.0.0/8")] },
            new() { Protocol = RuleProtocol.IcmpV6, Icmp = new IcmpMatch(128, 0), Cidrs = [IpPrefix.Parse("2001:db8::/32")] },
            new() { Protocol = RuleProtocol.IcmpV6, Cidrs = [IpPrefix.Parse("2001:db8::/32")] },
            new() { Protocol = RuleProtocol.Gre, Cidrs = [.. all] },
            new() { Protocol = RuleProtocol.Esp, Cidrs = [.. all] },
            .. Enumerable.Range(1, 255).Select(i => new SecurityRule { Protocol = new RuleProtocol((byte)i), Cidrs = [.. all] }),
        ];
        var plain = FilterScene.Port("plain", "one", 1);
        var full = FilterScene.Port("full", "one", 2) with
        {
            Addresses = [.. Enumerable.Range(1, 12).Select(i => IpPrefix.Parse($"10.2.0.{i}")), IpPrefix.Parse("10.3.0.0/28"), IpPrefix.Parse("fd01::/64"), IpPrefix.Parse("fd02::5")],
            AllowedPairs = [new AllowedPair(MacAddress.Parse("00:00:5e:00:01:0a"), [IpPrefix.Parse("10.1.0.1"), IpPrefix.Parse("fd00::1")], AllowsVrrp: true)],
            Security = new PortSecurity
            {
                Ingress = [.. rules],
                Egress = [.. rules],
                EgressDefault = EgressDefault.Deny,
                AllowsDns = false,
                ConnectionLimit = new ConnectionLimit(70, 100),
                DropLogging = new DropLogging(5, 10),
                CountsRules = true,
            },
        };
        var logged = FilterScene.Port("logged", "two", 3) with
        {
            Security = new PortSecurity { Egress = [Web], DropLogging = new DropLogging(0, 5), ConnectionLimit = new ConnectionLimit(6_000, 5) },
        };
        var untracked = FilterScene.Port("untracked", "two", 4) with
        {
            Security = new PortSecurity { Ingress = [new SecurityRule { Protocol = RuleProtocol.All, Cidrs = [.. all] }], IsUntracked = true },
        };
        return FilterScene.Intent(
            FilterScene.Network("one", "brvx-101", "vxlan101", new(plain, "vnet0"), new(full, "vnet1")) with { ExtraEthertypes = [35020, 34915] },
            FilterScene.Network("two", "cloudbr0", "eth0", new(logged, "vnet10"), new(untracked, "vnet2"), new(FilterScene.Port("waiting", "two", 5), "")) with { Zone = 0 },
            FilterScene.Network("three", "brvx-103", "", new FilteredPort(FilterScene.Port("trusted", "three", 6) with { IsTrusted = true }, "vnet3"))) with
        {
            Groups = FirewallIntent.Empty.Groups.Add("friends", new AddressGroup("friends", [.. all, IpPrefix.Parse("198.51.100.7")])),
            Host = new HostServices(new HostAccess([.. many], [IpPrefix.Parse("192.0.2.0/24"), IpPrefix.Parse("2001:db8::/32")]), 9600, [4789, 8472], 862),
        };
    }
}
