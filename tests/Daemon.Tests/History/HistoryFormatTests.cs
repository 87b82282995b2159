using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.History;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Daemon.Tests.History;

/// <summary>The files of the history, and what an operator gets out of them.</summary>
internal sealed class HistoryFormatTests
{
    private static readonly HistoryFormat Format = new();

    private static IEnumerable<V1.Network> Networks => Samples.Config().Networks;

    [TestCaseSource(nameof(Networks))]
    public void Text_Network_CanBeReadBack(V1.Network network) =>
        Assert.That(Yaml.Parse<V1.Network>(Format.Text(Model(network))), Is.EqualTo(network));

    [Test]
    public void Text_OtherParts_CanBeReadBack()
    {
        var config = Samples.Config();
        var (physical, control, settings) = (Samples.Physical(), config.ControlNetwork, Samples.Settings());
        var errors = new RequestErrors();
        Assert.That(
            Yaml.Parse<V1.PhysicalNetwork>(Format.Text(PhysicalNetworkMapping.ToModel(physical, new FieldPath("p"), errors))).TrafficTypes,
            Is.EquivalentTo(physical.TrafficTypes));
        Assert.That(Yaml.Parse<V1.ControlNetwork>(Format.Text(HostMapping.ToModel(control, "c", errors)!)), Is.EqualTo(control));
        Assert.That(Yaml.Parse<V1.HostSettings>(Format.Text(HostMapping.ToModel(settings)!)), Is.EqualTo(settings));
        Assert.That(
            Yaml.Parse<V1.HostConfig>(Format.Text(config.Providers.Select(ProviderMapping.ToModel).ToValueList())).Providers,
            Is.EqualTo(config.Providers));
        Assert.That(
            Format.Text(new DriftPolicy { Mode = DriftMode.Observe }),
            Is.EqualTo("mode: DRIFT_MODE_OBSERVE\naudit_interval: \"60s\"\nmax_heals_per_minute: 5\n"));
    }

    [Test]
    public void Text_SameNetworkInAnotherOrder_IsTheSameText()
    {
        VxlanEntry[] entries = [Entry("02:00:00:00:00:05", "192.0.2.9"), Entry("02:00:00:00:00:01", "192.0.2.10")];
        IPAddress[] peers = [IPAddress.Parse("192.0.2.10"), IPAddress.Parse("192.0.2.9"), IPAddress.Parse("192.0.2.100")];
        var text = Format.Text(Static(peers, entries));
        Assert.That(Format.Text(Static([.. peers.Reverse()], [.. entries.Reverse()])), Is.EqualTo(text));
        Assert.That(text, Does.Match(@"(?s)192\.0\.2\.9\n.*192\.0\.2\.10\n.*192\.0\.2\.100\n.*:01.*:05"), "by number");
    }

    [Test]
    public void Text_SameProvidersAndTrafficTypesInAnotherOrder_AreTheSameText()
    {
        var (a, b) = (new ProviderSetting("a", true, null), new ProviderSetting("b", false, 3));
        Assert.That(Format.Text([b, a]), Is.EqualTo(Format.Text([a, b])));
        Assert.That(Format.Text(Physical(TrafficType.Guest, TrafficType.Public)), Is.EqualTo(Format.Text(Physical(TrafficType.Public, TrafficType.Guest))));
    }

    [Test]
    public void Text_Generation_SaysWhoAndWhen() => Assert.That(
        Format.Text(Entry(3) with { Confirmation = Confirmation.Awaited, Restores = 1, Note = "two\nlines" }),
        Is.EqualTo("""
            generation: 3
            accepted_at: "2026-03-01T12:00:00Z"
            caller: CN=mgmt-1
            request_id: request-3
            term: 7
            method: HostNetwork/Apply
            summary: "network web-tier: VLAN 100 on cloudbr1"
            note: "two\nlines"
            outcome: CHANGE_OUTCOME_APPLIED
            confirmation: CONFIRMATION_AWAITED
            restores_generation: 1

            """));

    [Test]
    public void Keep_SameConfigBuiltInAnotherOrder_IsTheSameTree()
    {
        using var directory = new TempDirectory();
        var networks = Enumerable.Range(1, 40).Select(i => Model(Samples.Vlan($"net-{i}", (uint)i))).ToList();
        string[] trees = [Tree("a", networks), Tree("b", [.. networks.AsEnumerable().Reverse()])];
        Assert.That(trees[0], Is.EqualTo(trees[1]));
        Assert.That(
            Yaml.Parse<V1.Network>(Git("a", "show", "main:networks/net-7.yaml")), Is.EqualTo(Samples.Vlan("net-7", 7)));

        string Tree(string name, List<Network> inOrder)
        {
            var config = HostConfig.Empty;
            foreach (var network in inOrder)
            {
                config = config with { Networks = config.Networks.Add(network.Id, network) };
            }

            using (var history = new GitHistory(directory[name], 10, "kvm-01", Format, new Silent(), TimeProvider.System))
            {
                history.Keep(new Generation { Entry = Entry(3), Config = config });
                Assert.That(() => history.CommitOf(3), Is.Not.Empty.After(60_000, 10));
            }

            return Git(name, "rev-parse", "main^{tree}");
        }

        string Git(string name, params string[] arguments) =>
            Command.Run(["git", "-C", directory[name], "-c", "safe.directory=*", .. arguments]).Output;
    }

    private static Network Model(V1.Network network) => NetworkMapping.ToModel(network, new FieldPath("network"), new RequestErrors());

    private static Network Static(IPAddress[] peers, VxlanEntry[] entries) => new()
    {
        Id = "n",
        PhysicalNetwork = "cloudbr0",
        Isolation = new VxlanIsolation(5, null, null, new VxlanStatic([.. peers], [.. entries], null), null),
    };

    private static VxlanEntry Entry(string mac, string peer) => new(MacAddress.Parse(mac), IPAddress.Parse(peer));

    private static PhysicalNetwork Physical(params ImmutableArray<TrafficType> types) => new() { Label = "cloudbr0", TrafficTypes = new(types) };

    private static HistoryEntry Entry(ulong generation) => new()
    {
        Generation = generation,
        AcceptedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Caller = "CN=mgmt-1",
        RequestId = $"request-{generation}",
        Term = 7,
        Method = "HostNetwork/Apply",
        Summary = "network web-tier: VLAN 100 on cloudbr1",
    };

    /// <summary>What it is told comes on another thread; it shows when the commit does not come.</summary>
    private sealed class Silent : IGitHistoryObserver
    {
        public void HistoryOff(string reason) => TestContext.Progress.WriteLine(reason);

        public void HistoryOn()
        {
        }

        public void HistoryTouched(string what) => TestContext.Progress.WriteLine(what);

        public void HistoryUntidy(string what) => TestContext.Progress.WriteLine(what);
    }
}
