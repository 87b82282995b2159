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
using Google.Protobuf.Collections;

namespace Cloudbr.Agent.Daemon.Tests.History;

/// <summary>The files of the history, and what an operator gets out of them.</summary>
internal sealed class HistoryFormatTests
{
    private static readonly HistoryFormat Format = new();

    private static IEnumerable<V1.Network> Networks => Samples.Config().Networks;

    [TestCaseSource(nameof(Networks))]
    public void Text_Network_CanBeReadBack(V1.Network network) =>
        Assert.That(Yaml.Parse<V1.Network>(Format.Text(Model(network))), Is.EqualTo(network));

    private static IEnumerable<V1.Port> Ports => Samples.Whole().Ports;

    [TestCaseSource(nameof(Ports))]
    public void Text_Port_CanBeReadBack(V1.Port port) => Assert.That(Yaml.Parse<V1.Port>(Format.Text(Model(port))), Is.EqualTo(port));

    [Test]
    public void Text_Port_ReadsLikeThis() => Assert.That(
        Format.Text(Model(Samples.Port())),
        Is.EqualTo("""
            nic_id: nic-1
            display_name: i-2-34-VM eth0
            network_id: net-1
            device: vnet5
            mac: "02:00:4c:00:00:05"
            addresses:
              - 10.1.1.5
              - 10.1.2.0/28
              - "fd00::5"
            security:
              ingress:
                - id: web
                  protocol: RULE_PROTOCOL_TCP
                  ports:
                    first: 80
                    last: 443
                  cidrs:
                    - 10.0.0.0/8
                    - "2001:db8::/32"
                  address_groups:
                    - sg-7
                - id: web-ping
                  protocol: RULE_PROTOCOL_ICMP
                  icmp:
                    type: 8
                    code: 0
                  cidrs:
                    - 0.0.0.0/0
              egress:
                - id: ospf
                  protocol: RULE_PROTOCOL_NUMBER
                  protocol_number: 89
                  cidrs:
                    - 10.0.0.0/8
                    - 192.0.2.9
              egress_default: EGRESS_DEFAULT_DENY
              allow_dns: true
              connection_limit:
                new_per_second: 100
                burst: 200
              drop_logging:
                nflog_group: 7
                packets_per_second: 20
              rule_counters: true
            allowed_pairs:
              - mac: "00:00:5e:00:01:0a"
                addresses:
                  - 10.1.1.1
                allow_vrrp: true
            isolation: PORT_ISOLATION_ISOLATED
            rate_limit:
              to_guest:
                rate_bps: 200000000
                burst_bytes: 65536
              from_guest:
                rate_bps: 400000000000
                burst_bytes: 268435456

            """));

    [Test]
    public void Text_SamePortInAnotherOrder_IsTheSameText()
    {
        var port = Samples.Port();
        port.Security.Ingress.Add(new V1.SecurityRule { Protocol = V1.RuleProtocol.Esp, Cidrs = { "10.0.0.0/8" } });
        port.Security.Ingress.Add(new V1.SecurityRule { Protocol = V1.RuleProtocol.Gre, Cidrs = { "10.0.0.0/8" } });
        port.AllowedPairs.Add(new V1.AllowedPair { Addresses = { "10.9.9.9", "10.9.9.10" } });
        var text = Format.Text(Model(port));
        var otherwise = port.Clone();
        Reverse(otherwise.Security.Ingress);
        Reverse(otherwise.Security.Ingress[^1].Cidrs);
        Reverse(otherwise.AllowedPairs);
        Reverse(otherwise.AllowedPairs[0].Addresses);
        (otherwise.Addresses[1], otherwise.Addresses[2]) = (port.Addresses[2], port.Addresses[1]);
        Assert.That(Format.Text(Model(otherwise)), Is.EqualTo(text));
        Reverse(otherwise.Addresses);
        Assert.That(Format.Text(Model(otherwise)), Is.Not.EqualTo(text), "the first address is the primary one");
    }

    [Test]
    public void Text_AddressGroupAndHostAccess_AreSorted()
    {
        var group = new AddressGroup("sg-7", Prefixes("fd00::/64", "10.1.1.10", "10.1.1.9", "10.1.1.0/24", "10.1.1.0"));
        Assert.That(
            Format.Text(group), Is.EqualTo("name: sg-7\nmembers:\n  - 10.1.1.0/24\n  - 10.1.1.0\n  - 10.1.1.9\n  - 10.1.1.10\n  - \"fd00::/64\"\n"));
        Assert.That(
            Format.Text(new HostAccess(Prefixes("192.0.2.16/28", "192.0.2.0/28"), Prefixes("198.51.100.0/24", "192.0.2.0/24"))),
            Is.EqualTo("management_cidrs:\n  - 192.0.2.0/28\n  - 192.0.2.16/28\npeer_cidrs:\n  - 192.0.2.0/24\n  - 198.51.100.0/24\n"));
    }

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

    private static Port Model(V1.Port port) => PortMapping.ToModel(port, new FieldPath("port"), new RequestErrors());

    private static ValueList<IpPrefix> Prefixes(params IEnumerable<string> texts) => texts.Select(IpPrefix.Parse).ToValueList();

    private static void Reverse<T>(RepeatedField<T> list)
    {
        T[] reversed = [.. list.Reverse()];
        list.Clear();
        list.Add(reversed);
    }

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
