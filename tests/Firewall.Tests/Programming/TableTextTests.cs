using System.Collections.Immutable;
using System.Text;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Tests.Rendering;

namespace Cloudbr.Agent.Firewall.Tests.Programming;

public sealed class TableTextTests
{
    [Test]
    public void TheSame_IsNothing() => Assert.That(Text(TableId.Raw4, Rendered(3), Rendered(3)), Is.Empty);

    [Test]
    public void OnePortMore_RewritesOnlyWhatLeadsToIt()
    {
        var text = Text(TableId.Raw4, Rendered(3), Rendered(4));
        Assert.That(text.Split('\n').Where(l => l.StartsWith(':')), Is.EqualTo(new[]
        {
            $":{ChainNames.OfNetwork("web-tier")} - [0:0]", $":{ChainNames.Of('s', "nic-4")} - [0:0]",
        }));
        Assert.That(text, Does.StartWith("*raw\n").And.EndsWith("COMMIT\n").And.Not.Contain("-I ").And.Not.Contain("-X "));
    }

    [Test]
    public void OnePortLess_IsForgottenAfterNothingLeadsToItAnyMore()
    {
        var lines = Text(TableId.Filter4, Rendered(4, TableId.Filter4), Rendered(3, TableId.Filter4)).Split('\n').ToList();
        var (gone, network) = (ChainNames.Of('i', "nic-4"), ChainNames.OfNetwork("web-tier"));
        Assert.That(lines, Does.Contain($"-F {gone}").And.Contain($"-X {gone}"));
        Assert.That(lines.IndexOf($"-X {gone}"), Is.GreaterThan(lines.FindLastIndex(l => l.StartsWith($"-A {network} ", StringComparison.Ordinal))));
        Assert.That(lines, Has.None.Contains($"-g {gone}"));
    }

    [Test]
    public void AJumpInTheWrongPlace_IsMoved()
    {
        var wanted = Rendered(1);
        var actual = wanted with { Hooks = wanted.Hooks.Clear(), Strays = ["PREROUTING -j CB-PREROUTING"] };
        Assert.That(Text(TableId.Raw4, actual, wanted), Is.EqualTo("*raw\n-D PREROUTING -j CB-PREROUTING\n-I PREROUTING 1 -j CB-PREROUTING\nCOMMIT\n"));
    }

    [Test]
    public void Sets_ChangeByWhatIsNewAndWhatIsOld()
    {
        var before = Sets("a", "10.0.0.1", "10.0.0.2");
        var after = Sets("a", "10.0.0.2", "10.0.0.3").AddRange(Sets("b", "192.0.2.1"));
        Assert.That(SetText.Additions(before, after), Is.EqualTo("add CB-4-a 10.0.0.3\ncreate CB-4-b hash:net family inet maxelem 131072\nadd CB-4-b 192.0.2.1\n"));
        Assert.That(SetText.Removals(before, after), Is.EqualTo("del CB-4-a 10.0.0.1\n"));
        Assert.That(SetText.Removals(after, before), Is.EqualTo("del CB-4-a 10.0.0.3\ndestroy CB-4-b\n"));
        Assert.That(SavedSets.Read("create foreign hash:ip family inet\nadd foreign 1.2.3.4\ncreate CB-4-a hash:net family inet hashsize 1024 maxelem 131072\nadd CB-4-a 10.0.0.1\nadd CB-4-a 10.0.0.2\n").Values,
            Is.EqualTo(before.Values));
    }

    [TestCase("iptables-restore v1.8.9 (nf_tables): invalid port/service `99999' specified\nError occurred at line: 3\n", "CB-x")]
    [TestCase("iptables-restore: line 3 failed: No chain/target/match by that name.", "CB-x")]
    [TestCase("ebtables-restore v1.8.9 (nf_tables): \nline 3: RULE_APPEND failed (Operation not supported): rule in chain CB-PREROUTING", "CB-x")]
    [TestCase("iptables-restore: out of memory", "")]
    public void AComplaint_IsTakenToTheChainThatItIsAbout(string error, string chain)
    {
        const string Told = "*filter\n:CB-x - [0:0]\n-A CB-x -p tcp -m tcp --dport 99999 -j ACCEPT\n-A CB-y -j DROP\nCOMMIT\n";
        var line = RestoreFailure.Line(error);
        Assert.That(RestoreFailure.Chain(line is null ? error : $"{error} (lines {RestoreFailure.Around(Told, line.Value)})"), Is.EqualTo(chain));
    }

    private static Table Rendered(int ports, TableId id = TableId.Raw4) => new Renderer().Render(Intents.Many(ports)).Tables[id];

    private static string Text(TableId id, Table before, Table after)
    {
        var text = new StringBuilder();
        TableText.Append(text, id, before, after);
        return text.ToString();
    }

    private static ImmutableSortedDictionary<string, AddressSet> Sets(string name, params string[] members) =>
        Ruleset.Empty.Sets.Add($"CB-4-{name}", new AddressSet($"CB-4-{name}", Family.V4, [.. members]));

    [TestCase("", false)]
    [TestCase("# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n", false)]
    [TestCase("Ignoring deprecated --wait-interval option.\n", false)]
    [TestCase("Warning: Extension comment revision 0 not supported, missing kernel module?\n", false)]
    [TestCase("iptables-restore: line 7 failed\n", true)]
    [TestCase("Error occurred at line: 3\n", true)]
    [TestCase("-6 (line is ignored by iptables-restore)\n", true)]
    public void LeftSomethingOut_IsWhatSpeaksOfALine(string error, bool expected) => Assert.That(RestoreFailure.LeftSomethingOut(error), Is.EqualTo(expected));
}
