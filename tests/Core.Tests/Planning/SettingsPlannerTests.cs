using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning;

internal sealed class SettingsPlannerTests
{
    private readonly TestAgent _agent = new(new MemoryHost());

    [Test]
    public void Wanted_NothingAskedFor_IsNothing()
    {
        Assert.That(SettingsPlanner.Wanted(null), Is.Empty);
        Assert.That(SettingsPlanner.Wanted(new HostSettings()), Is.Empty);
    }

    [Test]
    public void Wanted_AllAskedFor_AreTheKernelsNames()
    {
        var all = new HostSettings
        {
            IpForward = true,
            Ipv6Forward = false,
            BridgeNfCallIptables = true,
            BridgeNfCallIp6tables = true,
            BridgeNfCallArptables = false,
            Ipv4Neighbours = new NeighbourThresholds(1, 2, 3),
            Ipv6Neighbours = new NeighbourThresholds(4, 5, 6),
            IgmpMaxMemberships = 4096,
        };
        Assert.That(SettingsPlanner.Wanted(all).Select(s => $"{s.Name}={s.Value}"), Is.EqualTo(new[]
        {
            "net.ipv4.ip_forward=1",
            "net.ipv6.conf.all.forwarding=0",
            "net.bridge.bridge-nf-call-iptables=1",
            "net.bridge.bridge-nf-call-ip6tables=1",
            "net.bridge.bridge-nf-call-arptables=0",
            "net.ipv4.neigh.default.gc_thresh1=1",
            "net.ipv4.neigh.default.gc_thresh2=2",
            "net.ipv4.neigh.default.gc_thresh3=3",
            "net.ipv6.neigh.default.gc_thresh1=4",
            "net.ipv6.neigh.default.gc_thresh2=5",
            "net.ipv6.neigh.default.gc_thresh3=6",
            "net.ipv4.igmp_max_memberships=4096",
        }));
    }

    [Test]
    public void Plan_SettingDiffers_WritesItAndKnowsTheWayBack()
    {
        _agent.Host.PutSetting("net.ipv4.ip_forward", "0");
        var step = (SetSetting)_agent.Make(Forward(true)).Plan.Steps.Single();
        Assert.That((step.Name, step.Value, step.Before), Is.EqualTo(("net.ipv4.ip_forward", "1", "0")));
    }

    [Test]
    public void Plan_SettingIsSo_DoesNothing()
    {
        _agent.Host.PutSetting("net.ipv4.ip_forward", "1");
        Assert.That(_agent.Make(Forward(true)).Plan.Steps, Is.Empty);
    }

    [Test]
    public void Plan_NoSuchSetting_FailsAndSaysWhatToDo()
    {
        var config = HostConfig.Empty with { Settings = new HostSettings { BridgeNfCallIptables = true } };
        var failure = _agent.Make(config).Plan.Failures.Single();
        Assert.That(failure.Message, Is.EqualTo("this kernel has no setting net.bridge.bridge-nf-call-iptables"));
        Assert.That(failure.Remedy, Does.StartWith("load the module br_netfilter"));
    }

    /// <summary>The kernel lets a socket be in 20 groups: the limit is raised before the networks come that need it.</summary>
    [TestCase(null, false)]
    [TestCase(100, true)]
    public void Apply_MoreMulticastNetworksThanTheKernelTakes_NeedTheLimitRaised(int? limit, bool works)
    {
        new Nic("eth0", 9000).PutOn(_agent.Host);
        _agent.Host.PutSetting("net.ipv4.igmp_max_memberships", "20");
        var config = new Physical(new PhysicalNetwork { Label = "eth0" }).AddTo(HostConfig.Empty) with { Settings = new HostSettings { IgmpMaxMemberships = limit } };
        for (var vni = 1; vni <= 21; vni++)
        {
            config = new Segment(new Network
            {
                Id = $"n{vni}",
                PhysicalNetwork = "eth0",
                Isolation = new VxlanIsolation(vni, null, null, new VxlanMulticast(null), null),
            }).AddTo(config);
        }

        var before = StateText.Of(_agent.Host.State);
        if (works)
        {
            Assert.That(_agent.Apply(config));
            Assert.That(_agent.Verify(), Is.Empty);
        }
        else
        {
            Assert.That(() => _agent.Apply(config), Throws.TypeOf<KernelRefusedException>().With.Property("Errno").EqualTo("ENOBUFS"));
            Assert.That(StateText.Of(_agent.Host.State), Is.EqualTo(before));
        }
    }

    private static HostConfig Forward(bool on) => HostConfig.Empty with { Settings = new HostSettings { IpForward = on } };
}
