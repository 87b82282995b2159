using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Firewall.Tests.Rendering;

/// <summary>
/// What the restore tools are told, to be read by people. With CLOUDBR_UPDATE_GOLDEN=1 in the environment the files are written anew:
/// read the difference before it is committed.
/// </summary>
public sealed class GoldenTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("guest", Intents.Of(new FilteredPort(Intents.Port(5), "vnet3")));
        yield return Case("waiting", Intents.Of(new FilteredPort(Intents.Port(5), "")));
        yield return Case("trusted", Intents.Of(new FilteredPort(Intents.Port(5) with { IsTrusted = true }, "vnet3")));
        yield return Case("no-bridge-match", Intents.Of(new FilteredPort(Intents.Port(5), "vnet3")) with { MatchesBridges = false });
        yield return Case("untagged", Intents.Of(new SecuredNetwork(
            "shared", "cloudbr0", "eth0", 0, [35020], Intents.Of(new FilteredPort(Intents.Port(5), "vnet3")).Networks["web-tier"].Ports)));
        yield return Case("rules", Intents.Of(new FilteredPort(
            Intents.Port(5) with
            {
                Security = new PortSecurity
                {
                    Ingress =
                    [
                        Intents.Web,
                        new SecurityRule { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(8, 0), Cidrs = [IpPrefix.Parse("10.0.0.0/8")] },
                        new SecurityRule { Protocol = RuleProtocol.IcmpV6, Icmp = new IcmpMatch(128, null), Cidrs = [IpPrefix.Parse("::/0")] },
                        new SecurityRule { Protocol = RuleProtocol.All, AddressGroups = ["friends"] },
                    ],
                    Egress = [new SecurityRule { Protocol = new RuleProtocol(89), Cidrs = [IpPrefix.Parse("192.0.2.0/24")] }],
                    EgressDefault = EgressDefault.Deny,
                    AllowsDns = false,
                    ConnectionLimit = new ConnectionLimit(100, 200),
                    DropLogging = new DropLogging(7, 10),
                    CountsRules = true,
                },
            },
            "vnet3")) with
        {
            Groups = FirewallIntent.Empty.Groups.Add("friends", new AddressGroup("friends", [IpPrefix.Parse("198.51.100.7"), IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("fd01::/64")])),
        });
        yield return Case("router", Intents.Of(new FilteredPort(
            Intents.Port(5) with { AllowedPairs = [new AllowedPair(MacAddress.Parse("00:00:5e:00:01:0a"), [IpPrefix.Parse("10.1.1.1"), IpPrefix.Parse("fd00::1")], AllowsVrrp: true)] },
            "vnet3")));
        yield return Case("many-addresses", Intents.Of(new FilteredPort(
            Intents.Port(5) with { Addresses = [.. Enumerable.Range(1, 9).Select(i => IpPrefix.Parse($"10.1.1.{i}")), IpPrefix.Parse("10.2.0.0/28"), IpPrefix.Parse("fd00::/64")] },
            "vnet3")));
        yield return Case("untracked", Intents.Of(
            new FilteredPort(Intents.Port(5) with { Security = new PortSecurity { IsUntracked = true, Ingress = [new SecurityRule { Protocol = RuleProtocol.All, Cidrs = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")] }] } }, "vnet3"),
            new FilteredPort(Intents.Port(6), "vnet4")));
        yield return Case("tree", Intents.Many(12));
        yield return Case("host-access", FirewallIntent.Empty with
        {
            Host = new HostServices(new HostAccess([IpPrefix.Parse("192.0.2.0/28")], [IpPrefix.Parse("198.51.100.0/24"), IpPrefix.Parse("2001:db8::/64")]), 9600, [4789], 862),
        });
    }

    [TestCaseSource(nameof(Cases))]
    public void Intent_IsRenderedAsInItsFile(string name, FirewallIntent intent)
    {
        var path = Path.Combine(Repository.Root, "tests", "Firewall.Tests", "Rendering", "Golden", $"{name}.txt");
        var text = Text(new Renderer().Render(intent));
        if (Environment.GetEnvironmentVariable("CLOUDBR_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.That(text, Is.EqualTo(File.ReadAllText(path)));
    }

    private static TestCaseData Case(string name, FirewallIntent intent) => new TestCaseData(name, intent).SetArgDisplayNames(name);

    private static string Text(Ruleset rules)
    {
        var text = new StringBuilder();
        foreach (var (tool, tables) in (ReadOnlySpan<(string, TableId[])>)
            [("ebtables-restore", [TableId.FrameNat]), ("iptables-restore", [TableId.Raw4, TableId.Filter4]), ("ip6tables-restore", [TableId.Raw6, TableId.Filter6])])
        {
            var part = new StringBuilder();
            foreach (var id in tables)
            {
                TableText.Append(part, id, Table.Empty, rules.Tables[id]);
            }

            text.Append(part.Length > 0 ? $"# {tool} --noflush\n{part}\n" : "");
        }

        var sets = SetText.Additions(Ruleset.Empty.Sets, rules.Sets);
        return sets.Length > 0 ? $"# ipset restore\n{sets}\n{text}" : text.ToString();
    }
}
