using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>Generations such as the agent accepts, with anything in them that they can have.</summary>
internal sealed class RandomGeneration(int seed)
{
#pragma warning disable CA5394 // Nothing secret.
    private readonly Random _random = new(seed);

    public Generation Next() => new()
    {
        Entry = Entry(),
        Config = Config(),
        Undeclared = [.. Enum.GetValues<ConfigSection>().Where(_ => Chance(50))],
        PreviousSettings = Enumerable.Range(0, _random.Next(5)).ToImmutableDictionary(i => $"net.ipv4.s{i}", _ => Text(), StringComparer.Ordinal),
        Pending = Chance(30) ? new PendingConfirm(Number(), Number(), Time()) : null,
    };

    public HistoryEntry Entry() => new()
    {
        Generation = Number(),
        AcceptedAt = Time(),
        Caller = Text(),
        RequestId = Text(),
        Term = Number(),
        Method = Text(),
        Summary = Text(),
        Note = Text(),
        Outcome = Of(Enum.GetValues<ChangeOutcome>()),
        Confirmation = Of(Enum.GetValues<Confirmation>()),
        Restores = Chance(50) ? Number() : null,
    };

    public HostConfig Config()
    {
        string[] labels = ["cloudbr0", "cloudbr1", "Büro", "x.y-z"];
        var networks = Enumerable.Range(1, _random.Next(20)).Select(i => Network(i, Of(labels))).ToList();
        var groups = Enumerable.Range(1, _random.Next(5)).Select(i => new AddressGroup($"sg-{i}", Prefixes(8))).ToList();
        var ports = networks.Count == 0 ? [] : Enumerable.Range(1, _random.Next(5))
            .Select(i => new RandomPort(_random).Next(i, networks[_random.Next(networks.Count)], [.. groups.Select(g => g.Name)])).ToList();
        return HostConfig.Empty with
        {
            PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.AddRange(labels.Select(l => KeyValuePair.Create(l, Physical(l)))),
            Networks = HostConfig.Empty.Networks.AddRange(networks.Select(n => KeyValuePair.Create(n.Id, n))),
            Ports = HostConfig.Empty.Ports.AddRange(ports.Select(p => KeyValuePair.Create(p.NicId, p))),
            AddressGroups = HostConfig.Empty.AddressGroups.AddRange(groups.Select(g => KeyValuePair.Create(g.Name, g))),
            HostAccess = Chance(50) ? new HostAccess(Prefixes(3), Prefixes(3)) : null,
            ControlNetwork = Chance(50) ? new ControlNetwork(Of("cloud0", "cloud1"), IpPrefix.Parse(Of("169.254.0.1/16", "fd00::1/64")), Maybe(576, 65_535)) : null,
            Settings = Chance(50) ? Settings(networks.Exists(n => n.Security is not null)) : null,
            Providers = new[] { "linux-bridge", "mirror", "a" }.Where(_ => Chance(50)).Order(StringComparer.Ordinal)
                .Select(name => new ProviderSetting(name, Chance(50), Maybe(0, 1000))).ToValueList(),
            Drift = Chance(50) ? Drift() : null,
        };
    }

    private PhysicalNetwork Physical(string label) => new()
    {
        Label = label,
        TrafficTypes = [.. _random.GetItems(Enum.GetValues<TrafficType>(), 4).Distinct()],
        Mode = Of(Enum.GetValues<PhysicalNetworkMode>()),
        Uplink = Chance(70) ? $"up-{label}" : "",
        Mtu = Maybe(576, 65_535),
        Bridge = Chance(40) ? Bridge() : null,
        TunnelAddress = Chance(40) ? Address() : null,
    };

    private Network Network(int number, string label)
    {
        var isolation = Isolation(number);
        return new Network
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{Of("net", "Net", "n.")}{number}"),
            DisplayName = Text(),
            PhysicalNetwork = label,
            Isolation = isolation,
            GuestMtu = Maybe(576, 65_535),
            MtuPolicy = Of(Enum.GetValues<MtuPolicy>()),
            Bridge = isolation is not UntaggedIsolation && Chance(40) ? Bridge() : null,
            Security = Chance(50) ? new NetworkSecurity(Chance(30) ? [35_020, 1_537, 65_535] : []) : null,
            Provider = Of("", "linux-bridge"),
        };
    }

    private Isolation Isolation(int number) => _random.Next(3) switch
    {
        0 => new UntaggedIsolation(),
        1 => new VlanIsolation(number),
        _ => new VxlanIsolation(16_777_215 - number, Maybe(1, 65_535), null, Mode(), Maybe(1, 255)),
    };

    private VxlanMode Mode() => _random.Next(3) switch
    {
        0 => new VxlanMulticast(Chance(50) ? IPAddress.Parse(Of("239.0.0.1", "ff05::1")) : null),
        1 => new VxlanStatic(
            Enumerable.Range(1, _random.Next(12)).Select(i => IPAddress.Parse($"192.0.2.{i}")).ToValueList(),
            Enumerable.Range(1, _random.Next(12)).Select(i => new VxlanEntry(MacAddress.Parse($"02:00:00:00:00:{i:x2}"), IPAddress.Parse("192.0.2.9"))).ToValueList(),
            Flag()),
        _ => new VxlanEvpn(Flag()),
    };

    private BridgeOptions Bridge() => new()
    {
        Stp = Flag(),
        ForwardDelayMs = 10 * _random.Next(200, 3001),
        Mac = Chance(50) ? MacAddress.Parse("02:11:22:33:44:55") : null,
        MulticastSnooping = Flag(),
        MulticastQuerier = Flag(),
        GroupFwdMask = Chance(50) ? _random.Next(65_536) & ~7 : null,
        AgeingMs = Chance(50) ? 10 * _random.Next(1000, 100_001) : null,
    };

    private HostSettings Settings(bool isFiltering) => new()
    {
        IpForward = Flag(),
        Ipv6Forward = Flag(),
        BridgeNfCallIptables = isFiltering ? true : Flag(),
        BridgeNfCallIp6tables = isFiltering ? null : Flag(),
        BridgeNfCallArptables = Flag(),
        Ipv4Neighbours = Chance(50) ? new NeighbourThresholds(Maybe(0, 10), Maybe(10, 20), Maybe(20, 30)) : null,
        Ipv6Neighbours = Chance(50) ? new NeighbourThresholds(null, null, null) : null,
        IgmpMaxMemberships = Maybe(1, 65_535),
    };

    private DriftPolicy Drift() => new()
    {
        Mode = Of(Enum.GetValues<DriftMode>()),
        AuditInterval = TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerSecond * 5, TimeSpan.TicksPerDay)),
        MaxHealsPerMinute = _random.Next(1, 601),
    };

    private ValueList<IpPrefix> Prefixes(int most) => Enumerable.Range(0, _random.Next(most))
        .Select(_ => Of([.. RandomPort.Remote])).ToValueList();

    private IPAddress Address() => IPAddress.Parse(Of("192.0.2.7", "2001:db8::7"));

    private ulong Number() => Chance(20) ? (ulong)_random.NextInt64() * 2 : (ulong)_random.Next(100);

    private DateTimeOffset Time() => new(_random.NextInt64(DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);

    private string Text() => Of("", "uid=0", "CN=mgmt-1", "web-tier ☃", "two\nlines");

    private bool Chance(int percent) => _random.Next(100) < percent;

    private bool? Flag() => Chance(30) ? null : Chance(50);

    private int? Maybe(int least, int most) => Chance(40) ? null : _random.Next(least, most + 1);

    private T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
#pragma warning restore CA5394
}
