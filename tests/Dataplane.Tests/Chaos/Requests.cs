using System.Globalization;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>Configurations for <see cref="ChaosHost"/>, drawn by a dice.</summary>
internal static class Requests
{
    public const int Networks = 6;

    public static PhysicalNetwork LookedAt { get; } = new() { Label = ChaosHost.Uplink, TrafficTypes = [TrafficType.Guest] };

    public static PhysicalNetwork Managed { get; } = new()
    {
        Label = ChaosHost.ManagedBridge, TrafficTypes = [TrafficType.Management], Mode = PhysicalNetworkMode.Manage, Uplink = ChaosHost.ManagedUplink,
    };

    public static HostConfig Config(params IEnumerable<Network> networks) => HostConfig.Empty with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add(LookedAt.Label, LookedAt),
        Networks = HostConfig.Empty.Networks.AddRange(networks.Select(n => KeyValuePair.Create(n.Id, n))),
    };

    public static HostConfig Managing(this HostConfig config) => config with { PhysicalNetworks = config.PhysicalNetworks.Add(Managed.Label, Managed) };

    public static Network Static(int number, params IEnumerable<string> peers) =>
        Vxlan(number, new VxlanStatic([.. peers.Select(IPAddress.Parse)], [new VxlanEntry(MacAddress.Parse("02:00:00:00:00:77"), IPAddress.Parse("192.0.2.9"))], null));

    public static Network Multicast(int number) => Vxlan(number, new VxlanMulticast(null));

    public static Network Vlan(int number, string label = ChaosHost.ManagedBridge) =>
        new() { Id = Id(number), PhysicalNetwork = label, Isolation = new VlanIsolation(10 + number) };

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"n{number}");

    public static HostConfig Config(Random dice)
    {
        var isManaging = dice.Next(2) == 0;
        var config = Config(Enumerable.Range(1, Networks).Where(_ => dice.Next(2) == 0).Select(n => Network(dice, n, isManaging)));
        return (isManaging ? config.Managing() : config) with
        {
            ControlNetwork = dice.Next(3) == 0 ? new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null) : null,
            Settings = dice.Next(2) == 0 ? Settings(dice) : null,
        };
    }

    public static Network Network(Random dice, int number, bool isManaging) => dice.Next(5) switch
    {
        0 => Static(number, "192.0.2.2"),
        1 => Static(number, "192.0.2.2", "192.0.2.3"),
        2 => Multicast(number),
        3 when isManaging => Vlan(number),
        _ => Vlan(number, ChaosHost.Uplink),
    } with
    { GuestMtu = dice.Next(3) == 0 ? 1400 : null };

    public static IReadOnlySet<ConfigSection> Sections(Random dice) => dice.Next(2) == 0
        ? ReplaceConfig.AllSections
        : ReplaceConfig.AllSections.Where(_ => dice.Next(2) == 0).Append(ConfigSection.Networks).ToHashSet();

    private static HostSettings Settings(Random dice) => new()
    {
        IpForward = dice.Next(3) switch { 0 => null, 1 => true, _ => false },
        IgmpMaxMemberships = dice.Next(2) == 0 ? null : dice.Next(30, 33),
    };

    private static Network Vxlan(int number, VxlanMode mode) =>
        new() { Id = Id(number), PhysicalNetwork = ChaosHost.Uplink, Isolation = new VxlanIsolation(100 + number, null, null, mode, null) };
}
