using System.Text.Json;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>Real FRR as the control plane of VXLAN: MACs come by BGP, nothing is learnt from frames.</summary>
[MachineOnly, Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class EvpnTests
{
    [Test]
    public async Task Guests_WithMacsFromBgp_ReachEachOtherUntilTheDaemonsDie()
    {
        using var hosts = TwoHosts.Create();
        var (left, right) = AddGuests(hosts);
        var (first, second) = await Frr.StartEvpnAsync(hosts);
        using (first)
        using (second)
        {
            left.WaitUntilReaches("10.0.0.2");
            first.WaitForRemoteMac(101, right.Mac, hosts.Second.Ipv4);
            second.WaitForRemoteMac(101, left.Mac, hosts.First.Ipv4);
            Assert.That(left.Ping("10.0.0.2", packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
            Assert.That(FlagsOfRemote(hosts.First, right.Mac), Does.Contain("extern_learn"), "not learnt from frames");

            first.Kill();

            hosts.Second.Namespace.WaitUntil("the peer withdrew", () => FlagsOfRemote(hosts.Second, left.Mac).Count == 0, Frr.Limit);
            Assert.That(second.SessionState(hosts.First.Ipv4), Is.Not.EqualTo("Established"));
            Assert.That(FlagsOfRemote(hosts.First, right.Mac), Does.Contain("extern_learn"), "the dead leave theirs");
        }
    }

    [Test, MachineOnly]
    public async Task TwoPairs_AtOnceUnderTheSameNames_DoNotMeet()
    {
        using var ours = TwoHosts.Create();
        using var theirs = TwoHosts.Create();
        var (ourLeft, ourRight) = AddGuests(ours);
        var (_, theirRight) = AddGuests(theirs);
        var pairs = await Task.WhenAll(Frr.StartEvpnAsync(ours), Frr.StartEvpnAsync(theirs));
        using var ourFirst = pairs[0].First;
        using var ourSecond = pairs[0].Second;
        using var theirFirst = pairs[1].First;
        using var theirSecond = pairs[1].Second;

        ourLeft.WaitUntilReaches("10.0.0.2");
        ourFirst.WaitForRemoteMac(101, ourRight.Mac, ours.Second.Ipv4);
        theirRight.WaitUntilReaches("10.0.0.1");
        theirFirst.WaitForRemoteMac(101, theirRight.Mac, theirs.Second.Ipv4);

        Assert.That(ourFirst.RemoteVtep(101, theirRight.Mac), Is.Null);
        Assert.That(theirFirst.RemoteVtep(101, ourRight.Mac), Is.Null);
    }

    [Test]
    public async Task TestRun_KilledWhileDaemonsRun_LeavesNone()
    {
        using var witnessSide = NetNamespace.Create();
        using var holder = new RunningCommand("dotnet", "exec", typeof(EvpnTests).Assembly.Location, "hold-frr", witnessSide.Path);
        await holder.WaitForLineAsync("holding ", Frr.Limit);

        using var events = witnessSide.Listen();
        holder.Kill();

        // The namespace goes when nobody is in it any more: zebra and bgpd were.
        events.WaitUntil(
            "the witness end is gone", () => !witnessSide.TryExec(["ip", "link", "show", "dev", "witness"]).Succeeded);
    }

    [Test, MachineOnly]
    public void Configuration_ThatBgpdCannotRead_IsAnErrorWithItsWords()
    {
        using var host = NetNamespace.Create();

        Assert.That(
            async () => await Frr.StartAsync(host, "router bgp 65000\n neighbor nonsense remote-as 1\n"),
            Throws.InvalidOperationException.With.Message.Contains("nonsense"));
    }

    private static (Guest Left, Guest Right) AddGuests(TwoHosts hosts)
    {
        foreach (var host in hosts.Both)
        {
            new CloudStackDevices(host.Namespace).AddEvpnVxlan(host.Ipv4, 101);
        }

        return (hosts.First.AddGuest(["10.0.0.1/24"], "brvx-101"), hosts.Second.AddGuest(["10.0.0.2/24"], "brvx-101"));
    }

    private static List<string?> FlagsOfRemote(Host host, string mac)
    {
        using var entries = JsonDocument.Parse(host.Namespace.Exec("bridge", "-json", "fdb", "show", "dev", "vxlan101").Output);
        return entries.RootElement.EnumerateArray()
            .Where(entry => entry.GetProperty("mac").GetString() == mac && entry.TryGetProperty("dst", out _))
            .SelectMany(entry => entry.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()))
            .ToList();
    }
}
