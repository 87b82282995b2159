using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A host as operators leave one: several addresses and routes of each sort on the uplink, and others' devices beside it.</summary>
internal static class RichHost
{
    /// <summary>On `eth0` of the first of <see cref="TwoHosts"/>, beside 192.0.2.1/24 and 2001:db8::1/64.</summary>
    public static void AddAddressesAndRoutes(NetNamespace host) => host.Ip(
        "address add 192.0.2.10/24 dev eth0",
        "address add 198.51.100.1/24 broadcast 198.51.100.255 label eth0:pub dev eth0",
        "address add 198.51.100.2/24 valid_lft 86400 preferred_lft 43200 dev eth0",
        "address add 2001:db8::10/64 valid_lft 86400 preferred_lft 0 nodad dev eth0",
        "route add default via 192.0.2.2",
        "route add default via 192.0.2.3 metric 100",
        "route add 203.0.113.0/24 via 192.0.2.2 metric 50 proto static mtu 1400",
        "route add 203.0.113.0/24 via 192.0.2.3 metric 60",
        "route add 10.9.0.0/16 dev eth0 src 192.0.2.10",
        "route add 10.10.0.0/16 via 172.16.0.1 dev eth0 onlink",
        "route add 10.11.0.0/16 via 10.9.0.1 dev eth0",
        "route add default via 192.0.2.3 table 100",
        "route add 192.0.2.0/24 dev eth0 table 100",
        "rule add from 192.0.2.10 table 100",
        "route add default via 2001:db8::2",
        "route add 2001:db8:9::/48 via 2001:db8::3 metric 77",
        "route add 2001:db8:a::/48 dev eth0 table 100");

    /// <summary>What others have on the host: a bridge with a guest's device, a tunnel with entries, routes that lead nowhere.</summary>
    public static void AddForeign(NetNamespace host)
    {
        // Each snapshot would wait for it, and snapshots are taken after each step here.
        host.Exec("sysctl", "-qw", "net/ipv6/conf/default/accept_dad=0", "net/ipv6/conf/all/accept_dad=0");
        host.Ip(ForeignDevices);
        Settle(host, "virbr0", "cloudbr1", "other0");
    }

    /// <summary>Waits for what the kernel does later by itself: carriers pass through a bridge a moment after its members have theirs.</summary>
    public static void Settle(NetNamespace host, params IEnumerable<string> devices)
    {
        foreach (var device in devices)
        {
            host.WaitUntil($"{device} is up", () => host.IsUp(device));
        }
    }

    private static readonly string[] ForeignDevices =
    [
        "link add name virbr0 type bridge",
        "address add 192.168.122.1/24 dev virbr0",
        "link add name vnet9 type veth peer name tap9",
        "link set vnet9 master virbr0",
        "link set vnet9 up",
        "link set tap9 up",
        "link set virbr0 up",
        "link add name vxlan999 type vxlan id 999 local 192.0.2.1 dstport 4790",
        "link set vxlan999 alias theirs up",
        "route add blackhole 10.99.0.0/16",
        "route add 10.98.0.0/16 dev virbr0",
        "neigh add 192.168.122.9 lladdr 02:00:00:00:00:99 dev virbr0",
        "link add name other0 type veth peer name other1",
        "address add 10.97.0.1/24 dev other0",
        "link set other1 up",
        "link set other0 up",
        "link add name cloudbr1 type bridge",
        "address add 10.96.0.1/24 dev cloudbr1",
        "link set other1 master cloudbr1",
        "link set cloudbr1 mtu 1450",
        "link set cloudbr1 mtu 1500",
        "link set cloudbr1 up",
    ];

    /// <summary>A configuration with something of everything, on `eth0` under `cloudbr0` and on the operator's `cloudbr1`.</summary>
    public static HostConfig First { get; } = AgentHostScene.Config(
        [AgentHostScene.Manage("cloudbr0", mtu: 1600), AgentHostScene.CheckOnly("cloudbr1")],
        Vxlan(101, new VxlanMulticast(null)),
        Vxlan(102, new VxlanMulticast(null), mtu: 1400),
        Vxlan(201, new VxlanStatic(Addresses("192.0.2.2", "192.0.2.3"), Entries("192.0.2.2", "192.0.2.3"), null)),
        Vxlan(301, new VxlanEvpn(null)),
        Vxlan(302, new VxlanEvpn(false))) with
    {
        ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null),
        Settings = new HostSettings { IpForward = true, Ipv6Forward = true, IgmpMaxMemberships = 100 },
    };

    /// <summary>
    /// The underlay is wider, one network's guests narrower, one network is gone, one new, one on another label, one has other peers.
    /// </summary>
    public static HostConfig Second { get; } = AgentHostScene.Config(
        [
            AgentHostScene.Manage("cloudbr0", mtu: 1700) with { Bridge = new BridgeOptions { AgeingMs = 60_000, GroupFwdMask = 8 } },
            AgentHostScene.CheckOnly("cloudbr1"),
        ],
        Vxlan(101, new VxlanMulticast(null), mtu: 1280),
        Vxlan(102, new VxlanMulticast(null), mtu: 1400) with { PhysicalNetwork = "cloudbr1" },
        Vxlan(103, new VxlanMulticast(IPAddress.Parse("239.9.9.9"))),
        Vxlan(201, new VxlanStatic(Addresses("192.0.2.3", "192.0.2.4"), Entries("192.0.2.3", "192.0.2.4"), null), mtu: 1600),
        Vxlan(302, new VxlanEvpn(true))) with
    {
        ControlNetwork = new ControlNetwork("cloud0", IpPrefix.Parse("169.254.0.1/17"), null),
        Settings = new HostSettings { IpForward = true, Ipv6Forward = false, IgmpMaxMemberships = 50 },
    };

    /// <summary>Whether a device is one that these configurations make.</summary>
    public static bool IsOwn(string device) =>
        device is "cloudbr0" or "cloud0" || (device != "vxlan999" && (device.StartsWith("vxlan", StringComparison.Ordinal) || device.StartsWith("brvx-", StringComparison.Ordinal)));

    /// <summary>What is on a device that makes it reachable, with the device's name left out.</summary>
    public static IReadOnlyList<string> Reachability(NetNamespace host, string device) => Reachability(HostSnapshot.Of(host).ToString(), device);

    public static IReadOnlyList<string> Reachability(string snapshot, string device)
    {
        var found = new List<string>();
        var inside = false;
        foreach (var line in snapshot.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != ' ')
            {
                inside = (line.StartsWith($"address {device} ", StringComparison.Ordinal) && !line.Contains(" fe80:", StringComparison.Ordinal))
                    || (line.StartsWith("route", StringComparison.Ordinal) && line.EndsWith($" {device}", StringComparison.Ordinal)
                        && !line.Contains(" fe80:", StringComparison.Ordinal) && !line.Contains(" ff00:", StringComparison.Ordinal));
            }

            if (inside)
            {
                found.Add(line.Replace(device, "DEVICE", StringComparison.Ordinal));
            }
        }

        return found;
    }

    private static Network Vxlan(int vni, VxlanMode mode, int? mtu = null) =>
        AgentHostScene.Vxlan(vni, mode, mtu) with { PhysicalNetwork = "cloudbr0" };

    private static ValueList<IPAddress> Addresses(params string[] addresses) => [.. addresses.Select(IPAddress.Parse)];

    private static ValueList<VxlanEntry> Entries(string one, string two) =>
    [
        new VxlanEntry(MacAddress.Parse("02:00:00:00:00:0a"), IPAddress.Parse(one)),
        new VxlanEntry(MacAddress.Parse("02:00:00:00:00:0b"), IPAddress.Parse(two)),
    ];
}
