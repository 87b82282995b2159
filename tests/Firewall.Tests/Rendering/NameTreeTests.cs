using System.Globalization;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rendering;
using FsCheck;
using FsCheck.Fluent;

namespace Cloudbr.Agent.Firewall.Tests.Rendering;

/// <summary>The chains that devices are found by, walked as a packet walks them.</summary>
public sealed class NameTreeTests
{
    [Property]
    public Property EveryName_LeadsToItsOwnTarget_AndNoOtherNameToAny() => Prop.ForAll(
        Gen.Choose(0, 40).SelectMany(n => Gen.Elements("v", "vnet", "a", "b1").SelectMany(p => Gen.Choose(0, 300).Select(i => string.Create(CultureInfo.InvariantCulture, $"{p}{i}"))).ArrayOf(n)).ToArbitrary(),
        names =>
        {
            var known = names.Distinct(StringComparer.Ordinal).ToArray();
            var strangers = (string[])["vnet", "v", "vnet1x", "vnet301", "zz", "b", "a1000"];
            var chains = Chains(known);
            return known.All(n => Walk(chains, n) == $"CB-{n}") && strangers.Except(known).All(n => Walk(chains, n) == "DROP");
        });

    [Test]
    public void OneOfAThousand_IsFoundInFewSteps()
    {
        var chains = Chains([.. Enumerable.Range(0, 1_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"vnet{i}"))]);
        Assert.That(chains.Values.Sum(c => c.Rules.Length), Is.LessThan(1_400));
        Assert.That(chains.Values.Max(c => c.Rules.Length), Is.LessThanOrEqualTo(12));
    }

    [Test]
    public void Names_StayWithinWhatTheKernelTakes()
    {
        var chains = Chains([.. Enumerable.Range(0, 20).Select(i => string.Create(CultureInfo.InvariantCulture, $"a-long-device{i:00}"))], "CB-n-abcdefgh");
        Assert.That(chains.Keys, Has.All.Length.LessThanOrEqualTo(28));
    }

    private static Dictionary<string, Chain> Chains(string[] names, string root = "CB-n-key")
    {
        var chains = new List<Chain>();
        var writer = new ChainWriter(root, new(Core.Model.ObjectKind.Host));
        new NameTree("-i", "-g").Write(writer, [.. names.Order(StringComparer.Ordinal).Select(n => KeyValuePair.Create(n, $"-g CB-{n}"))], "-j DROP", chains);
        writer.Add("-j DROP");
        chains.Add(writer.Finish());
        return chains.ToDictionary(c => c.Name, StringComparer.Ordinal);
    }

    /// <summary>Where the packet of a device ends: "-g" never comes back to where it was.</summary>
    private static string Walk(Dictionary<string, Chain> chains, string device)
    {
        for (var chain = chains["CB-n-key"]; ;)
        {
            var rule = chain.Rules.First(r => r == "-j DROP" || Matches(r.Split(' ')[1], device));
            if (rule == "-j DROP")
            {
                return "DROP";
            }

            var target = rule.Split(' ')[^1];
            if (!chains.TryGetValue(target, out chain!))
            {
                return target;
            }
        }
    }

    private static bool Matches(string pattern, string device) =>
        pattern.EndsWith('+') ? device.StartsWith(pattern[..^1], StringComparison.Ordinal) : device == pattern;
}
