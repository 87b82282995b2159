using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;
using FsCheck;
using FsCheck.Fluent;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>What holds for all rules that there can be. FsCheck prints the seed and the smallest rules that it does not hold for.</summary>
[TestFixture]
[Needs(Feature.Ipset)]
public sealed class RandomRulesTests
{
    private static readonly Arbitrary<Scenes> Any = Arb.From(
        Gen.Choose(0, int.MaxValue - 1).Select(seed => new Scenes(new RandomRules(seed).Intent(), new RandomRules(seed + 1).Intent())), scenes => scenes.Shrunk());

    [Test, MachineOnly]
    public void AnyRules_AreReadBackAsWritten_FromNothingAndFromAnyOthers() => Check(12);

    /// <summary>The lab's tools are those, and slow.</summary>
    [Test, Needs(Feature.EbtablesLegacy)]
    public void AnyRules_AreReadBackFromLegacyToolsToo() => Check(1);

    private static void Check(int scenes) => Prop.ForAll(Any, Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(scenes));

    private static Property Holds(Scenes scenes)
    {
        using var host = NetNamespace.Create();
        var scene = new FilterScene(host);
        var problems = new List<string>();
        foreach (var intent in (FirewallIntent[])[scenes.First, scenes.Second, FirewallIntent.Empty])
        {
            if (scene.Apply(intent) is { } failure)
            {
                problems.Add(failure.ToString());
                break;
            }

            problems.AddRange(Differences(scene.Wanted, scene.Driver.Read()));
            var started = scene.Started.Count;
            problems.AddRange(scene.Apply(intent) is null && scene.Started.Count == started ? [] : ["the same again is not nothing"]);
        }

        return (problems.Count == 0).Label(string.Join('\n', problems));
    }

    private static IEnumerable<string> Differences(Ruleset wanted, Ruleset actual)
    {
        foreach (var (id, table) in wanted.Tables)
        {
            foreach (var name in table.Chains.Keys.Union(actual.Tables[id].Chains.Keys))
            {
                var (written, read) = (Text(table, name), Text(actual.Tables[id], name));
                if (written != read)
                {
                    yield return $"{id} {name}:\n{string.Join('\n', written.Split('\n').Except(read.Split('\n')))}\nis\n{string.Join('\n', read.Split('\n').Except(written.Split('\n')))}";
                }
            }
        }

        foreach (var name in wanted.Sets.Keys.Union(actual.Sets.Keys))
        {
            var (written, read) = (wanted.Sets.GetValueOrDefault(name)?.Members, actual.Sets.GetValueOrDefault(name)?.Members);
            if (written is null || read?.SetEquals(written) != true)
            {
                yield return $"{name}: {string.Join(' ', written?.Except(read ?? []) ?? ["none"])} is {string.Join(' ', read?.Except(written ?? []) ?? ["none"])}";
            }
        }

        if (!wanted.IsSameAs(actual))
        {
            yield return "not the same";
        }
    }

    private static string Text(Table table, string chain) => table.Chains.GetValueOrDefault(chain)?.ToString() ?? "none";

    /// <summary>Two sets of rules, one after the other.</summary>
    private sealed record Scenes(FirewallIntent First, FirewallIntent Second)
    {
        public IEnumerable<Scenes> Shrunk() => Fewer(First).Select(f => this with { First = f }).Concat(Fewer(Second).Select(s => this with { Second = s }));

        private static IEnumerable<FirewallIntent> Fewer(FirewallIntent intent) =>
        [
            .. intent.Networks.Keys.Select(n => intent with { Networks = intent.Networks.Remove(n) }),
            .. intent.Networks.Values.SelectMany(n => n.Ports.Keys.Select(p => intent with { Networks = intent.Networks.SetItem(n.Id, n with { Ports = n.Ports.Remove(p) }) })),
            .. intent.Host is null ? Array.Empty<FirewallIntent>() : [intent with { Host = null }],
        ];
    }
}
