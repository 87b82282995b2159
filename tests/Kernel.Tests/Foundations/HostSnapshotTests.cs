using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>A snapshot must notice every change that somebody made, and no other: it is how "changes nothing" is proven.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class HostSnapshotTests
{
    /// <summary>Commands, and how the lines begin that tell of them.</summary>
    private static readonly (string Command, string[] Expected)[] Changes =
    [
        ("ip link set cloudbr0 mtu 1400", ["~ link cloudbr0: mtu was 1550, is 1400"]),
        ("ip link set eth0 alias ours", ["~ link eth0: ifalias was not set, is ours"]),
        ("ip link set cloud0 type bridge forward_delay 200", ["~ link cloud0: linkinfo.info_data.forward_delay was 1500, is 200"]),
        ("ip link set cloud0 down", ["~ link cloud0: operstate was UNKNOWN, is DOWN", "~ link cloud0: flags was ",
            "- route-4 main 169.254.0.0/16 cloud0: "]),
        ("bridge link set dev vxlan101 learning off", ["~ link vxlan101: linkinfo.info_slave_data.learning was true, is false"]),
        ("ip link add name new type bridge", ["+ link new: "]),
        ("ip link set cloud0 group 7", ["~ link cloud0: group was default, is 7"]),
        ("ip address del 169.254.0.1/16 dev cloud0", ["- address cloud0 169.254.0.1/16: "]),
        ("ip address add fd00::9/64 dev cloudbr0 nodad",
            ["+ address cloudbr0 fd00::9/64: ", "+ route-6 main fd00::/64 cloudbr0: "]),
        ("ip address change 192.0.2.1/24 dev cloudbr0 valid_lft 900 preferred_lft 900",
            ["~ address cloudbr0 192.0.2.1/24: valid_life_time was forever, is limited"]),
        ("ip route add 198.51.100.0/24 via 192.0.2.2 table 77", ["+ route-4 77 198.51.100.0/24 cloudbr0: "]),
        ("ip route add blackhole 198.51.100.0/24", ["+ route-4 main 198.51.100.0/24: "]),
        ("ip rule add from 198.51.100.0/24 lookup 77", ["+ rule-4 32765: "]),
        ("ip -6 rule add iif eth0 lookup 77", ["+ rule-6 32765: "]),
        ("bridge fdb add 02:00:00:00:00:01 dev vxlan101 dst 192.0.2.9", ["+ fdb vxlan101 02:00:00:00:00:01 192.0.2.9: "]),
        ("bridge fdb add 02:00:00:00:00:02 dev eth0 master static", ["+ fdb eth0 02:00:00:00:00:02: "]),
        ("bridge fdb add 02:00:00:00:00:03 dev vxlan101 master extern_learn", ["+ fdb vxlan101 02:00:00:00:00:03: "]),
        ("tc qdisc add dev eth0 root tbf rate 1gbit burst 1m latency 10ms",
            ["~ link eth0: qdisc was noqueue, is tbf", "~ qdisc eth0 root: kind was noqueue, is tbf"]),
        ("tc qdisc add dev eth0 ingress", ["+ qdisc eth0 ffff:fff1: "]),
        ("ip link del vxlan102", ["- link vxlan102: ", "- fdb vxlan102 00:00:00:00:00:00 239.0.0.102: "]),
    ];

    [Test, MachineOnly]
    public void WhatPassesByItself_IsNoDifference()
    {
        using var hosts = TwoHosts.Create();
        var host = Furnish(hosts);
        var before = HostSnapshot.Of(host);

        // Timers run, MACs are learnt, neighbours are resolved, something listens, a group is joined.
        var guest = hosts.First.AddGuest(["192.0.2.77/24"], "cloudbr0");
        guest.WaitUntilReaches(hosts.Second.Ipv4);
        guest.Dispose();
        host.WaitUntil("its device left", () => !host.TryExec(["ip", "link", "show", "dev", guest.Device]).Succeeded);

        Assert.That(HostSnapshot.Of(host), HostSnapshot.SameAs(before));
        Assert.That(HostSnapshot.Of(host).ToString(), Is.EqualTo(before.ToString()));
    }

    [Test, MachineOnly]
    public void WhatSomebodyChanged_IsSaid()
    {
        using var hosts = TwoHosts.Create();
        var host = Furnish(hosts);
        var before = HostSnapshot.Of(host);

        host.Exec("sh", "-ec", string.Join('\n', Changes.Select(change => change.Command)));

        var differences = HostSnapshot.Of(host).DifferencesFrom(before);
        using var all = Assert.EnterMultipleScope();
        foreach (var (command, expected) in Changes)
        {
            foreach (var start in expected)
            {
                Assert.That(differences, Has.Some.StartsWith(start), command);
            }
        }
    }

    [Test, MachineOnly]
    public void ForeignDevices_BesideOnesOfOurs_AreUntouchedByThem()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First.Namespace;
        var devices = new CloudStackDevices(host);
        devices.AddPhysicalBridge(hosts.First.Uplink, ["192.0.2.1/24"], gateway: "192.0.2.254");
        static bool IsForeign(string device) => device is not ("vxlan102" or "brvx-102");
        var before = HostSnapshot.Of(host, IsForeign);

        devices.AddVxlan("cloudbr0", 102);

        Assert.That(HostSnapshot.Of(host, IsForeign), HostSnapshot.SameAs(before));
        Assert.That(HostSnapshot.Of(host).DifferencesFrom(before), Has.Some.StartsWith("+ link vxlan102: "));
    }

    [Test, Needs(Feature.Vlan)]
    public void ForeignUplink_UnderAVlanOfOurs_IsUntouchedByIt()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First.Namespace;
        var devices = new CloudStackDevices(host);
        devices.AddPhysicalBridge(hosts.First.Uplink, ["192.0.2.1/24"]);
        static bool IsForeign(string device) => device is not ("eth0.761" or "breth0-761");
        var before = HostSnapshot.Of(host, IsForeign);

        devices.AddVlan(hosts.First.Uplink, 761);

        Assert.That(HostSnapshot.Of(host, IsForeign), HostSnapshot.SameAs(before));
    }

    [Test, MachineOnly]
    public void Assertion_ThatFails_ListsTheDifferences()
    {
        using var hosts = TwoHosts.Create();
        var host = Furnish(hosts);
        var before = HostSnapshot.Of(host);
        host.Exec("ip", "link", "set", "cloudbr0", "mtu", "1400");

        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            Assert.That(
                () => Assert.That(HostSnapshot.Of(host), HostSnapshot.SameAs(before)),
                Throws.TypeOf<AssertionException>()
                    .With.Message.Contains("Expected: the same as before")
                    .And.Message.Contains("    ~ link cloudbr0: mtu was 1550, is 1400\n"));
        }
    }

    private static NetNamespace Furnish(TwoHosts hosts)
    {
        var host = hosts.First;
        var devices = new CloudStackDevices(host.Namespace);
        devices.AddPhysicalBridge(host.Uplink, [$"{host.Ipv4}/24"], gateway: hosts.Second.Ipv4);
        devices.AddVxlan("cloudbr0", 101);
        devices.AddVxlan("cloudbr0", 102);
        devices.AddControlNetwork();
        return host.Namespace;
    }
}
