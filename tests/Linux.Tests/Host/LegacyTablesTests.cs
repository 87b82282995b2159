using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Linux.Tests.Host;

/// <summary>Which legacy tables there are, by what /proc says, or where that is for root alone, by what is loaded.</summary>
internal sealed class LegacyTablesTests
{
    private readonly TempDirectory _root = new();

    [TearDown]
    public void Remove() => _root.Dispose();

    [Test]
    public void Names_AreThoseThatTheKernelLists()
    {
        var net = Directory.CreateDirectory(_root["proc/thread-self/net"]).FullName;
        File.WriteAllText(Path.Combine(net, "ip_tables_names"), "nat\nfilter\n");
        Assert.That(LegacyTables.Names(isV6: false, _root.Path), Is.EqualTo(new[] { "nat", "filter" }));
        Assert.That(LegacyTables.Names(isV6: true, _root.Path), Is.Empty, "this kernel has none");
    }

    [Test]
    public void Names_ThatMayNotBeRead_AreThoseOfLoadedModules()
    {
        // As root only a folder cannot be read.
        Directory.CreateDirectory(_root["proc/thread-self/net/ip6_tables_names"]);
        Directory.CreateDirectory(_root["sys/module/ip6table_raw"]);
        Directory.CreateDirectory(_root["sys/module/iptable_nat"]);
        Assert.That(LegacyTables.Names(isV6: true, _root.Path), Is.EqualTo(new[] { "raw" }));
    }
}
