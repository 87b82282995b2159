using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>MTUs of a chain in use change without the loss of a frame that fits both before and after.</summary>
[MachineOnly, Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class GuestMtuChangeTests
{
    private const int Narrow = 1400;
    private const int Wide = 1500;

    [Test, MachineOnly]
    public async Task GuestMtu_RaisedAndLowered_LosesNoFrameThatFitsBoth()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        HostConfig Of(int mtu) => Config(CheckOnly("eth0"), Multicast(101) with { GuestMtu = mtu });

        await MustLoseNothing(agents, ["vxlan101", "brvx-101"], Of(Narrow), Of(Wide));
    }

    [Test]
    public async Task GuestMtu_RaisedAndLoweredWithItsUnderlay_LosesNoFrameThatFitsBoth()
    {
        using var hosts = TwoHosts.Create(Narrow + 50);
        using var agents = new TwoAgents(hosts);
        HostConfig Of(int mtu) => Config(
            CheckOnly("cloudbr0") with { Mode = PhysicalNetworkMode.Manage, Uplink = "eth0", Mtu = mtu + 50 },
            Multicast(101) with { GuestMtu = mtu, PhysicalNetwork = "cloudbr0" });

        await MustLoseNothing(agents, ["eth0", "cloudbr0", "vxlan101", "brvx-101"], Of(Narrow), Of(Wide));
    }

    /// <param name="agents">On both hosts.</param>
    /// <param name="chain">The devices from the cable to the guests: each is as wide as the next one, at any time.</param>
    /// <param name="narrow">What is in force at first.</param>
    /// <param name="wide">What it is changed to and back from.</param>
    private static async Task MustLoseNothing(TwoAgents agents, string[] chain, HostConfig narrow, HostConfig wide)
    {
        agents.Apply(narrow);
        var (left, _) = agents.AddGuests("net-101");
        left.WaitUntilReaches(RightAddress);
        using var order = new MtuOrder(agents.Hosts.First.Namespace, chain);
        using var ping = await RunningPing.StartAsync(left, RightAddress, Narrow);

        foreach (var config in new[] { wide, narrow, wide, narrow })
        {
            agents.Apply(config);

            var moments = order.Drain();
            Assert.That(moments, Has.Count.EqualTo(chain.Length));
            foreach (var now in moments)
            {
                var widths = chain.Select(device => now[device] - (device is "eth0" or "cloudbr0" ? 50 : 0));
                Assert.That(widths, Is.Ordered.Descending, $"{string.Join(' ', now)}");
            }
        }

        Assert.That(await ping.StopAsync(), Is.Empty, "requests that nobody answered");
        agents.Apply(wide);
        foreach (var device in chain[^2..])
        {
            Assert.That(Shown.Mtu(agents.Hosts.First.Namespace, device), Is.EqualTo(Wide));
        }
    }
}
