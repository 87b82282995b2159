using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>The host on which all tables are played: four networks, and a port of each sort.</summary>
[SetUpFixture]
public sealed class SecuredHost
{
    /// <summary>No ingress, all egress.</summary>
    internal static readonly Station Plain = Guest(0);

    /// <summary>All ingress, all egress.</summary>
    internal static readonly Station Open = Guest(1);

    /// <summary>Ingress by <see cref="Rules"/>.</summary>
    internal static readonly Station Ruled = Guest(2);

    /// <summary>Egress by <see cref="EgressRules"/>, and all ingress.</summary>
    internal static readonly Station Sender = Guest(3);

    /// <summary>No ingress, no egress, no DNS.</summary>
    internal static readonly Station Closed = Guest(4);

    /// <summary>Two routers that share <see cref="Virtual"/>.</summary>
    internal static readonly Station Router = Guest(5);

    internal static readonly Station Backup = Guest(6);

    /// <summary>Has <see cref="Second"/> behind it as well, and a prefix.</summary>
    internal static readonly Station Nested = Guest(7);

    /// <summary>Without connection tracking.</summary>
    internal static readonly Station Untracked = Guest(8);

    internal static readonly Station Trusted = Guest(9);

    /// <summary>More addresses than have a rule each.</summary>
    internal static readonly Station Many = Guest(12);

    /// <summary>No ingress, egress by <see cref="EgressRules"/>, and what is dropped goes to <see cref="LogGroup"/>.</summary>
    internal static readonly Station Logged = Guest(14);

    internal const int LogGroup = 7;

    /// <summary>On the bridge, but never prepared.</summary>
    internal static readonly Station Unknown = Guest(10) with { StandIn = Many };

    /// <summary>All that the network has on other hosts.</summary>
    internal static readonly Station Outside = new("vxlan101", "02:00:4c:00:ff:01", "10.1.0.251", "fd00::fb");

    /// <summary>One of the group whose members <see cref="Ruled"/> and <see cref="Sender"/> speak of.</summary>
    internal static readonly Station Friend = Outside with { V4 = "10.1.0.250", V6 = "fd00::fa" };

    /// <summary>One of a list that is too long for a rule each.</summary>
    internal static readonly Station Listed = Outside with { V4 = "192.0.2.12", V6 = "2001:db8::12" };

    internal static readonly Station Stranger = Outside with { V4 = "192.0.2.99", V6 = "2001:db8::99" };

    internal static readonly Station Virtual = Router with { Mac = "00:00:5e:00:01:0a", V4 = "10.1.0.254", V6 = "fd00::fe" };

    internal static readonly Station Second = Nested with { Mac = "02:00:4c:00:99:08", V4 = "10.1.0.88", V6 = "fd00:0:0:88::8" };

    /// <summary>The second network has the same addresses and MACs as the first.</summary>
    internal static readonly Station Plain2 = Plain with { Device = "vnet20" };

    internal static readonly Station Open2 = Open with { Device = "vnet21" };

    internal static readonly Station Outside2 = Outside with { Device = "vxlan102" };

    /// <summary>Prepared for the first network, but its device is on the bridge of the second.</summary>
    internal static readonly Station Misplaced = Guest(11) with { StandIn = Plain2 };

    /// <summary>Everything, but few new connections; on a bridge of its own, for what floods a bridge are new connections too.</summary>
    internal static readonly Station Limited = Guest(13);

    internal static readonly Station Outside4 = Outside with { Device = "vxlan104" };

    /// <summary>Untagged, on the host's own bridge, where LLDP is allowed.</summary>
    internal static readonly Station Plain3 = Guest(30);

    internal static readonly Station Open3 = Guest(31);

    /// <summary>Egress by <see cref="EgressRules"/>.</summary>
    internal static readonly Station Sender3 = Guest(32);

    /// <summary>Never prepared.</summary>
    internal static readonly Station Unknown3 = Guest(33) with { StandIn = Open3 };

    internal static readonly Station Uplink = Outside with { Device = "eth0" };

    internal static readonly Station HostItself = new("cloudbr0", "02:00:4c:00:ff:03", "10.1.0.253", "fd00::fd");

    private const string Group = "friends";

    private static readonly IpPrefix[] Anywhere = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")];

    private static readonly SecurityRule All = new() { Protocol = RuleProtocol.All, Cidrs = [.. Anywhere] };

    private static readonly Lazy<(NetNamespace Host, PacketScene Scene)> Lazily = new(Create);

    internal static PacketScene Scene => Lazily.Value.Scene;

    internal static NetNamespace Namespace => Lazily.Value.Host;

    internal static ValueList<SecurityRule> Rules { get; } =
    [
        new() { Protocol = RuleProtocol.Tcp, Ports = new PortRange(80, 443), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.Udp, Ports = new PortRange(5000, 5000), Cidrs = [IpPrefix.Parse("10.1.0.0/28"), IpPrefix.Parse("fd00::/124")] },
        new() { Protocol = RuleProtocol.Udp, Ports = new PortRange(5001, 5001), AddressGroups = [Group] },
        new()
        {
            Protocol = RuleProtocol.Tcp,
            Ports = new PortRange(2222, 2222),
            Cidrs = [.. Enumerable.Range(10, 10).SelectMany(i => new[] { $"192.0.2.{i}", $"2001:db8::{i}" }).Select(IpPrefix.Parse)],
        },
        new() { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(8, 0), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(13, null), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.IcmpV6, Icmp = new IcmpMatch(128, 0), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.IcmpV6, Icmp = new IcmpMatch(144, null), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.Sctp, Ports = new PortRange(7000, 7001), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.Gre, Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.Esp, Cidrs = [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd00::/64")] },
        new() { Protocol = new RuleProtocol(89), Cidrs = [.. Anywhere] },
    ];

    internal static ValueList<SecurityRule> EgressRules { get; } =
    [
        new() { Protocol = RuleProtocol.Udp, Ports = new PortRange(6000, 6001), Cidrs = [.. Anywhere] },
        new() { Protocol = RuleProtocol.Tcp, AddressGroups = [Group] },
        new() { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(8, null), Cidrs = [IpPrefix.Parse("10.1.0.251")] },
        new() { Protocol = RuleProtocol.IcmpV6, Icmp = new IcmpMatch(128, null), Cidrs = [IpPrefix.Parse("fd00::fb")] },
    ];

    [OneTimeTearDown]
    public void PowerOff()
    {
        if (Lazily.IsValueCreated)
        {
            Scene.Dispose();
            Namespace.Dispose();
        }
    }

    private static (NetNamespace Host, PacketScene Scene) Create()
    {
        var (host, scene) = (NetNamespace.Create(), new PacketScene());
        scene.AddBridge(host, "brvx-101", Plain, Open, Ruled, Sender, Closed, Router, Backup, Nested, Untracked, Trusted, Unknown, Many, Logged, Outside);
        scene.AddBridge(host, "brvx-102", Plain2, Open2, Misplaced, Outside2);
        scene.AddBridge(host, "cloudbr0", Plain3, Open3, Sender3, Unknown3, Uplink);
        scene.AddBridge(host, "brvx-104", Limited, Outside4);
        scene.AddHost(host, HostItself);
        Assert.That(new FilterScene(host).Apply(Intent), Is.Null);
        return (host, scene);
    }

    private static FirewallIntent Intent { get; } = FilterScene.Intent(
        FilterScene.Network(
            "one",
            "brvx-101",
            "vxlan101",
            Port("one", Plain),
            Port("one", Open, p => p with { Security = new PortSecurity { Ingress = [All] } }),
            Port("one", Ruled, p => p with { Security = new PortSecurity { Ingress = Rules } }),
            Port("one", Sender, p => p with { Security = new PortSecurity { Ingress = [All], Egress = EgressRules } }),
            Port("one", Closed, p => p with { Security = new PortSecurity { EgressDefault = EgressDefault.Deny, AllowsDns = false } }),
            Port("one", Router, p => p with { AllowedPairs = [VirtualRouter] }),
            Port("one", Backup, p => p with { AllowedPairs = [VirtualRouter] }),
            Port("one", Nested, p => p with
            {
                AllowedPairs =
                [
                    new AllowedPair(MacAddress.Parse(Second.Mac), [IpPrefix.Parse(Second.V4), IpPrefix.Parse("fd00:0:0:88::/64")], AllowsVrrp: false),
                    new AllowedPair(null, [IpPrefix.Parse("10.9.0.0/24")], AllowsVrrp: false),
                ],
            }),
            Port("one", Untracked, p => p with { Security = new PortSecurity { Ingress = [All], IsUntracked = true } }),
            Port("one", Trusted, p => p with { IsTrusted = true }),
            Port("one", Misplaced),
            Port("one", Logged, p => p with { Security = new PortSecurity { Egress = EgressRules, DropLogging = new DropLogging(LogGroup, 1_000) } }),
            Port("one", Many, p => p with
            {
                Addresses =
                [
                    .. p.Addresses, .. Enumerable.Range(1, 12).SelectMany(i => new[] { $"10.2.0.{i}", $"fd02::{i}" }).Select(IpPrefix.Parse),
                    IpPrefix.Parse("10.3.0.0/28"), IpPrefix.Parse("fd03::/64"),
                ],
            })),
        FilterScene.Network(
            "four",
            "brvx-104",
            "vxlan104",
            Port("four", Limited, p => p with { Security = new PortSecurity { Ingress = [All], ConnectionLimit = new ConnectionLimit(1, 5) } })) with
        {
            Zone = FilterScene.Zone(9),
        },
        FilterScene.Network(
            "two",
            "brvx-102",
            "vxlan102",
            Port("two", Plain2),
            Port("two", Open2, p => p with { Security = new PortSecurity { Ingress = [All] } })) with
        {
            Zone = FilterScene.Zone(8),
        },
        FilterScene.Network(
            "three",
            "cloudbr0",
            "eth0",
            Port("three", Plain3),
            Port("three", Open3, p => p with { Security = new PortSecurity { Ingress = [All] } }),
            Port("three", Sender3, p => p with { Security = new PortSecurity { Egress = EgressRules } })) with
        {
            Zone = 0,
            ExtraEthertypes = [0x88cc],
        }) with
    {
        Groups = FirewallIntent.Empty.Groups.Add(Group, new AddressGroup(Group, [IpPrefix.Parse("10.1.0.250"), IpPrefix.Parse("fd00::fa")])),
    };

    private static AllowedPair VirtualRouter => new(MacAddress.Parse(Virtual.Mac), [IpPrefix.Parse(Virtual.V4), IpPrefix.Parse(Virtual.V6)], AllowsVrrp: true);

    private static Station Guest(int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"vnet{number}"),
        string.Create(CultureInfo.InvariantCulture, $"02:00:4c:00:00:{number + 1:x2}"),
        string.Create(CultureInfo.InvariantCulture, $"10.1.0.{number + 1}"),
        string.Create(CultureInfo.InvariantCulture, $"fd00::{number + 1:x}"));

    private static FilteredPort Port(string network, Station station, Func<Port, Port>? change = null)
    {
        var port = new Port
        {
            NicId = $"{network}-{station.Device}",
            Network = network,
            Mac = MacAddress.Parse(station.Mac),
            Addresses = [IpPrefix.Parse(station.V4), IpPrefix.Parse(station.V6)],
        };
        return new FilteredPort(change is null ? port : change(port), station.Device);
    }
}
