using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>Both backends are met: nf_tables on most machines, legacy xtables in the lab at the latest.</summary>
public class IptablesTests
{
    [Test, Needs(Feature.IptablesNft)]
    public void Restore_OnNfTables_FiltersAndReadsBack() => RestoreFiltersAndReadsBack("iptables-nft");

    [Test, Needs(Feature.IptablesLegacy)]
    public void Restore_OnLegacyXtables_FiltersAndReadsBack() => RestoreFiltersAndReadsBack("iptables-legacy");

    [Test]
    public void Backend_ThatToolsNames_Works() => RestoreFiltersAndReadsBack($"iptables-{Tools.IptablesBackend}");

    private static void RestoreFiltersAndReadsBack(string tool)
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "eth0", "10.0.0.1/24"), new(right, "eth0", "10.0.0.2/24", "10.0.0.3/24"));

        right.TryExec(
            [$"{tool}-restore", "-w", "10", "--noflush"],
            """
            *filter
            :CB-test - [0:0]
            -A CB-test -d 10.0.0.3/32 -p icmp -j DROP
            -A INPUT -j CB-test
            COMMIT

            """).EnsureSuccess();

        Assert.That(right.Exec($"{tool}-save", "-t", "filter").Output, Does.Contain("-A CB-test -d 10.0.0.3/32 -p icmp -j DROP"));
        Assert.That(Ping.From(left, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));
        Assert.That(Ping.From(left, "10.0.0.3"), Is.EqualTo(new Ping(3, 0)));
        Assert.That(left.Exec($"{tool}-save", "-t", "filter").Output, Does.Not.Contain("CB-test"), "the other namespace is untouched");
    }
}
