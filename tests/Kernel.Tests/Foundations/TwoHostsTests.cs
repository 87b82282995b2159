using System.Text.Json;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>The scene that the agent's tests play in, with plain `ip` in the agent's place.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class TwoHostsTests
{
    [MachineOnly]
    [Test]
    public void Hosts_ReachEachOther_WithFramesUpToTheUnderlaysMtu()
    {
        using var hosts = TwoHosts.Create(mtu: 1600);

        foreach (var (address, other) in new[] { (hosts.Second.Ipv4, hosts.First), (hosts.First.Ipv6, hosts.Second) })
        {
            Assert.That(Ping.From(other.Namespace, address), Is.EqualTo(new Ping(3, 3)));
        }

        Assert.That(MtuOf(hosts.First), Is.EqualTo(1600));
        Assert.That(MtuOf(hosts.Second), Is.EqualTo(1600));
    }

    [MachineOnly]
    [Test]
    public void Guests_OverVxlan_ReachEachOtherUpToTheirMtuAndNotBeyond()
    {
        using var hosts = TwoHosts.Create();
        var (left, right) = GuestsOverVxlan(hosts);

        left.WaitUntilReaches("10.0.0.2");
        Assert.That(left.Ping("10.0.0.2", packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
        Assert.That(left.Ping("fd00::2", packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
        Assert.That(left.Ping("10.0.0.2", packetBytes: 1501, dontFragment: true).Received, Is.Zero);
        Assert.That(right.Ping("10.0.0.1"), Is.EqualTo(new Ping(3, 3)));
    }

    [MachineOnly]
    [Test]
    public void Guests_OverAnUnderlayThatIsTooSmall_LoseFullFramesOnly()
    {
        using var hosts = TwoHosts.Create(mtu: 1549);
        var (left, _) = GuestsOverVxlan(hosts);

        left.WaitUntilReaches("10.0.0.2");
        Assert.That(left.Ping("10.0.0.2", packetBytes: 1500, dontFragment: true).Received, Is.Zero);
        Assert.That(left.Ping("10.0.0.2", packetBytes: 1499, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
    }

    [TestCase("02:00:00:00:00:01", "fe:00:00:00:00:01")]
    [TestCase("fe:00:00:00:00:01", "fa:00:00:00:00:01"), MachineOnly]
    public void Guest_WithAMacOfItsOwn_HasAnotherOnTheHost(string mac, string onTheHost)
    {
        using var hosts = TwoHosts.Create();
        var where = hosts.First.Namespace;
        where.Ip("link add name cloudbr0 type bridge", "link set cloudbr0 up");
        var guest = hosts.First.AddGuest(["10.0.0.1/24"], "cloudbr0", mac: mac);
        var other = hosts.First.AddGuest(["10.0.0.2/24"], "cloudbr0");

        other.WaitUntilReaches("10.0.0.1");

        Assert.That(guest.Mac, Is.EqualTo(mac));
        Assert.That(guest.Device, Is.EqualTo("vnet0"));
        Assert.That(where.Exec("ip", "-brief", "link", "show", "dev", "vnet0").Output, Does.Contain(onTheHost));
    }

    [Test, MachineOnly]
    public async Task Iperf3_BetweenGuests_DeliversWhatWasSent()
    {
        using var hosts = TwoHosts.Create();
        var (left, right) = GuestsOverVxlan(hosts);
        left.WaitUntilReaches("10.0.0.2");

        var tcp = await left.SendToAsync(right, "-n", "4M");
        var udp = await right.SendToAsync(left, "-u", "-b", "1M", "-n", "100K");

        Assert.That(tcp.BytesSent, Is.GreaterThanOrEqualTo(4 << 20));
        Assert.That(tcp.BytesReceived, Is.GreaterThan(1 << 20));
        Assert.That(tcp.BitsPerSecond, Is.Positive);
        Assert.That(udp.BytesSent, Is.GreaterThanOrEqualTo(100 << 10));
        Assert.That(udp.BytesReceived, Is.GreaterThan(50 << 10));
        Assert.That(udp.PacketsLost, Is.Zero);
    }

    [MachineOnly]
    [Test]
    public void Capture_OnTheUnderlay_ShowsTheTunnelsFrames()
    {
        using var hosts = TwoHosts.Create();
        var (left, _) = GuestsOverVxlan(hosts);
        left.WaitUntilReaches("10.0.0.2");
        using var capture = FrameCapture.Start(hosts.Second.Namespace, hosts.Second.Uplink);

        left.Ping("10.0.0.2", count: 1);

        var echo = capture.Next(
            "the guest's echo request", frame => frame.Inner is { IpProtocol: Frame.Icmp, Destination: "10.0.0.2" });
        Assert.That(echo.Source, Is.EqualTo("192.0.2.1"));
        Assert.That(echo.Destination, Is.EqualTo("192.0.2.2"));
        Assert.That(echo.UdpDestination, Is.EqualTo(4789));
        Assert.That(echo.Vni, Is.EqualTo(101));
        // 98 bytes of the echo request and 50 around them.
        Assert.That(echo.Bytes, Has.Length.EqualTo(148));
        Assert.That(
            () => capture.Next("a frame that nobody sends", frame => frame.Vni == 102, TimeSpan.FromSeconds(1)),
            Throws.TypeOf<TimeoutException>().With.Message.Contains("192.0.2.2 > 192.0.2.1 udp 4789 length 148 vni 101"));
    }

    [Test, MachineOnly]
    public void AddressThatNobodyHas_IsWaitedForUntilTheLimit()
    {
        using var hosts = TwoHosts.Create();

        Assert.That(
            () => Ping.UntilAnswered(hosts.First.Namespace, "192.0.2.3", TimeSpan.FromSeconds(1)),
            Throws.TypeOf<TimeoutException>());
        Assert.That(
            () => Ping.UntilAnswered(hosts.First.Namespace, "203.0.113.1", TimeSpan.FromSeconds(30)),
            Throws.InvalidOperationException.With.Message.Contains("unreachable"));
    }

    [Test, Needs(Feature.Vlan)]
    public void UplinkThatIsAVlan_CarriesGuests() => UplinkCarriesGuests(Underlay.Vlan(), "eth0.100");

    [Test, Needs(Feature.Bonding)]
    public void UplinkThatIsABond_CarriesGuests() => UplinkCarriesGuests(Underlay.Bond(), "bond0");

    [Test, Needs(Feature.Bonding)]
    public void UplinkThatIsAnActiveBackupBond_CarriesGuestsOnTheMemberThatIsLeft()
    {
        using var hosts = TwoHosts.Create(Underlay.Bond("active-backup"));
        var (left, _) = GuestsOverVxlan(hosts);
        left.WaitUntilReaches("10.0.0.2");

        hosts.First.Namespace.Exec("ip", "link", "set", "eth0", "down");

        left.WaitUntilReaches("10.0.0.2");
    }

    private static void UplinkCarriesGuests(Underlay underlay, string uplink)
    {
        using var hosts = TwoHosts.Create(underlay);
        Assert.That(hosts.First.Uplink, Is.EqualTo(uplink));
        Assert.That(MtuOf(hosts.First), Is.EqualTo(Underlay.DefaultMtu));
        var (left, _) = GuestsOverVxlan(hosts);

        left.WaitUntilReaches("10.0.0.2");
        Assert.That(left.Ping("10.0.0.2", packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
    }

    private static (Guest Left, Guest Right) GuestsOverVxlan(TwoHosts hosts)
    {
        foreach (var host in hosts.Both)
        {
            host.Namespace.Ip(
                $"link add name vxlan101 mtu 1500 type vxlan id 101 dstport 4789 local {host.Ipv4} "
                    + $"remote {hosts.PeerOf(host).Ipv4} dev {host.Uplink}",
                "link add name brvx-101 type bridge",
                "link set vxlan101 master brvx-101 up",
                "link set brvx-101 up");
        }

        return (hosts.First.AddGuest(["10.0.0.1/24", "fd00::1/64"], "brvx-101"),
            hosts.Second.AddGuest(["10.0.0.2/24", "fd00::2/64"], "brvx-101"));
    }

    private static int MtuOf(Host host)
    {
        using var links = JsonDocument.Parse(host.Namespace.Exec("ip", "-json", "link", "show", "dev", host.Uplink).Output);
        return links.RootElement[0].GetProperty("mtu").GetInt32();
    }
}
