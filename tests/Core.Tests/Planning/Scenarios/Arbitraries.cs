using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using FsCheck;
using FsCheck.Fluent;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>
/// Random hosts and configurations out of few names and numbers, so that they meet. FsCheck prints the seed and the smallest
/// counter-example, item by item.
/// </summary>
public static class Arbitraries
{
    private const string LongNic = "enp129s0f1np1";

    public static Arbitrary<Scenario> Any() =>
        Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => Roll(new Dice(seed))), scenario => scenario.Shrunk());

    internal static Scenario Roll(Dice dice)
    {
        var host = Host(dice).ToValueList();
        return new Scenario(host, Config(dice).ToValueList(), Config(dice).ToValueList(), dice.Between(0, 999));
    }

    private static IEnumerable<HostItem> Host(Dice dice)
    {
        yield return new Nic("eth0", dice.Of(1500, 9000), Up: dice.Percent(95));
        yield return new Nic("eth1", dice.Of(1500, 1600, 9000));
        yield return new Nic(LongNic, dice.Of(1500, 9000));
        if (dice.Percent(50))
        {
            yield return new Bond("bond0", dice.Of(1500, 9000));
        }

        if (dice.Percent(40))
        {
            yield return new HandBridge("cloudbr0", dice.Of("eth0", "eth0", "eth1", ""), dice.Of(1500, 9000), dice.Percent(50), dice.Percent(10) ? "cloudbr1" : "");
        }

        if (dice.Percent(25))
        {
            yield return new HandBridge("cloudbr1", dice.Of("eth1", ""), dice.Of(1500, 1400), dice.Percent(50));
        }

        if (dice.Percent(30))
        {
            yield return new ForeignVlan("storage", dice.Of("eth0", "cloudbr0"), 77, dice.Of(1500, 9000));
        }

        foreach (var item in Traffic(dice))
        {
            yield return item;
        }

        for (var i = dice.Between(0, 3); i > 0; i--)
        {
            var alias = dice.Of("", "", "", "cloudbr:network:n1", "cloudbr:network:old", "an operator's words");
            yield return dice.Percent(50)
                ? new HandVlan(Uplink(dice), dice.Of(5, 6), dice.Of(1400, 1500, 9000), dice.Percent(50), alias)
                : new HandVxlan(dice.Of("eth0", "eth1", "cloudbr0"), dice.Of(100, 70000), dice.Of(1450, 1500, 8950), dice.Percent(50), alias, dice.Of(4789, 4789, 8472));
        }

        for (var i = dice.Between(0, 3); i > 0; i--)
        {
            yield return new Tap($"vnet{i}", dice.Of("breth0-5", "breth0-6", "brvx-100", "brvx-70000", "cloudbr0", "cloud0"), dice.Percent(80));
        }

        if (dice.Percent(20))
        {
            yield return new ForeignVlan("backup", dice.Of("eth0", "cloudbr0", "brvx-100"), 78, dice.Of(1500, 9000));
        }

        if (dice.Percent(15))
        {
            yield return new Squatter(dice.Of("breth0-5", "vxlan100", "eth0.6", "brvx-70000", "other"), dice.Of("", $"br{LongNic}-5"));
        }

        if (dice.Percent(15))
        {
            yield return new StaleGroupRoute(dice.Of("eth0", "cloudbr0"), dice.Of("239.0.0.100", "239.9.9.9"));
        }

        if (dice.Percent(20))
        {
            yield return new HandBridge("cloud0", "", 1500, dice.Percent(50), "", dice.Of("", "cloudbr:control:cloud0"));
            yield return new Address("cloud0", dice.Of("169.254.0.1/16", "169.254.3.3/16", "10.9.9.9/24"));
        }

        yield return new Setting("net.ipv4.ip_forward", dice.Of("0", "1"));
        yield return new Setting("net.ipv6.conf.all.forwarding", dice.Of("0", "1"));
        yield return new Setting("net.ipv4.igmp_max_memberships", "20");
    }

    /// <summary>Addresses and routes where an uplink's are, on the device itself or on its bridge.</summary>
    private static IEnumerable<HostItem> Traffic(Dice dice)
    {
        foreach (var (nic, bridge, net) in new[] { ("eth0", "cloudbr0", "10.1.0"), ("eth1", "cloudbr1", "10.2.0") })
        {
            if (dice.Percent(25))
            {
                continue;
            }

            var device = dice.Of(nic, nic, bridge);
            yield return new Address(device, $"{net}.5/24");
            if (dice.Percent(30))
            {
                yield return new Address(device, $"{net}.6/24");
            }

            if (dice.Percent(40))
            {
                yield return new Address(device, $"2001:db8:{net[3]}::5/64");
                yield return new StaticRoute(device, $"2001:db8:ff{net[3]}::/48", $"2001:db8:{net[3]}::1", 4, 1024);
            }

            if (dice.Percent(60))
            {
                yield return new StaticRoute(device, nic == "eth0" ? "0.0.0.0/0" : "172.16.0.0/12", $"{net}.1", dice.Of<byte>(4, 16));
            }

            if (dice.Percent(15))
            {
                yield return new StaticRoute(device, $"{net}.254/32", null);
                yield return new StaticRoute(device, $"192.168.{net[3]}.0/24", $"{net}.254");
            }

            if (dice.Percent(15))
            {
                yield return new StaticRoute(device, $"100.64.{net[3]}.1/32", null);
                yield return new StaticRoute(device, $"100.65.{net[3]}.0/24", $"100.64.{net[3]}.1");
            }
        }
    }

    /// <summary>Mostly what can be: labels that are there, each uplink and each segment once.</summary>
    private static IEnumerable<ConfigItem> Config(Dice dice)
    {
        var labels = new List<PhysicalNetwork> { Label(dice, "cloudbr0", dice.Of("eth0", "eth0", "eth0", "bond0")) };
        if (dice.Percent(50))
        {
            labels.Add(Label(dice, "cloudbr1", dice.Of("eth1", "eth1", LongNic, "storage", dice.Percent(10) ? "bond0" : "eth1")));
        }

        if (dice.Percent(25))
        {
            var free = new[] { "eth0", "eth1", LongNic }.Where(n => dice.Percent(5) || labels.TrueForAll(l => l.Uplink != n)).ToArray();
            labels.Add(Label(dice, dice.Of<string>(free), ""));
        }

        foreach (var label in labels)
        {
            yield return new Physical(label);
        }

        var segments = new HashSet<string>();
        for (var i = dice.Between(0, 6); i > 0; i--)
        {
            var network = Network(dice, dice.Percent(98) ? dice.Of<string>([.. labels.Select(l => l.Label)]) : "cloudbr1");
            var segment = network.Isolation is VxlanIsolation vxlan ? $"{vxlan.Vni}" : $"{network.Isolation} {network.PhysicalNetwork}";
            if (segments.Add(segment) || dice.Percent(3))
            {
                yield return new Segment(network);
            }
        }

        if (dice.Percent(40))
        {
            yield return new Control(new ControlNetwork(
                dice.Of("cloud0", "cloud0", "cloud1"), IpPrefix.Parse(dice.Of("169.254.0.1/16", "169.254.0.2/16", "169.254.1.1/24")), dice.Maybe(1500, 1400)));
        }

        if (dice.Percent(30))
        {
            yield return new Settings(new HostSettings
            {
                IpForward = dice.Maybe(true, false),
                Ipv6Forward = dice.Maybe(true, false),
                BridgeNfCallIptables = dice.Percent(2) ? true : null,
                IgmpMaxMemberships = dice.Maybe(20, 500),
            });
        }

        if (dice.Percent(20))
        {
            yield return new Wish(new ProviderSetting("linux-bridge", dice.Percent(90), dice.Maybe(10, 200)));
        }
    }

    private static PhysicalNetwork Label(Dice dice, string label, string uplink)
    {
        var mode = dice.Percent(15) ? PhysicalNetworkMode.CheckOnly : PhysicalNetworkMode.Manage;
        return new PhysicalNetwork
        {
            Label = label,
            Mode = mode,
            Uplink = mode == PhysicalNetworkMode.Manage || dice.Percent(50) ? uplink : "",
            Mtu = dice.Percent(60) ? null : dice.Of(1400, 1500, 9000),
            Bridge = dice.Percent(20) ? Bridge(dice) : null,
            TunnelAddress = dice.Percent(50) ? IPAddress.Parse("10.1.0.5") : null,
        };
    }

    private static Network Network(Dice dice, string label) => new()
    {
        Id = dice.Of("n1", "n2", "n3", "n4", "n5", "n6"),
        PhysicalNetwork = label,
        Isolation = Isolation(dice),
        GuestMtu = dice.Percent(50) ? null : dice.Of(1400, 1450, 1500, 8950),
        MtuPolicy = dice.Percent(90) ? MtuPolicy.Fit : MtuPolicy.Require,
        Bridge = dice.Percent(20) ? Bridge(dice) : null,
        Provider = dice.Percent(90) ? "" : "mirror",
    };

    private static Isolation Isolation(Dice dice) => dice.Between(0, 9) switch
    {
        0 => new UntaggedIsolation(),
        <= 3 => new VlanIsolation(dice.Of(5, 6, 7, 4094)),
        var roll => new VxlanIsolation(
            dice.Of(100, 101, 70000, 16777215),
            dice.Percent(70) ? null : dice.Of(4789, 8472),
            dice.Percent(90) ? null : IPAddress.Parse("10.1.0.5"),
            roll switch
            {
                <= 6 => new VxlanMulticast(dice.Percent(80) ? null : IPAddress.Parse(dice.Of("239.7.7.7", "239.7.7.8"))),
                <= 8 => new VxlanStatic(
                    new[] { "10.1.0.11", "10.1.0.12", "10.1.0.13" }.Where(_ => dice.Percent(50)).Select(IPAddress.Parse).ToValueList(),
                    dice.Percent(50) ? [] : [new VxlanEntry(MacAddress.Parse("02:aa:00:00:00:01"), IPAddress.Parse(dice.Of("10.1.0.11", "10.1.0.12")))],
                    dice.Maybe(true, false)),
                _ => new VxlanEvpn(dice.Maybe(true, false)),
            },
            dice.Maybe(5, 64)),
    };

    private static BridgeOptions Bridge(Dice dice) => new()
    {
        Stp = dice.Maybe(true, false),
        ForwardDelayMs = dice.Maybe(0, 4000),
        Mac = dice.Percent(30) ? MacAddress.Parse(dice.Of("02:11:22:33:44:55", "02:11:22:33:44:66")) : null,
        MulticastSnooping = dice.Maybe(true, false),
        AgeingMs = dice.Maybe(300_000, 10_000),
    };

    private static string Uplink(Dice dice) => dice.Of("eth0", "eth0", LongNic, "eth1");
}
