using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>An agent that lost its journal knows nothing: what nobody has told it to remove stays.</summary>
internal sealed class ForgetfulRestartTests : LoopFixture
{
    [Test]
    public void Resync_OfAnAgentThatWasToldNothing_RemovesNothing()
    {
        Apply(Config(1));
        RestartForgetful();
        var writes = Kernel.Host.Writes;

        Assert.That(Change(new Resync()).Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(Kernel.Host.Writes, Is.EqualTo(writes));
        Assert.That(Loop.View.FindProblems(), Is.Empty);
    }

    [Test]
    public void Apply_OfOtherSections_RemovesNoNetwork()
    {
        Apply(Config(1));
        RestartForgetful();

        var settings = Config() with { Settings = new HostSettings { IpForward = true } };
        Change(new ReplaceConfig(settings, new HashSet<ConfigSection> { ConfigSection.PhysicalNetworks, ConfigSection.Settings }));
        Change(new PutNetwork(Vxlan(2)));
        Change(new Resync());

        Assert.That((Kernel.Host.State.Find("vxlan1")?.Name, Kernel.Host.State.Find("vxlan2")?.Name), Is.EqualTo(("vxlan1", "vxlan2")));
    }

    [Test]
    public void Apply_OfTheNetworksAsAWhole_RemovesThoseThatAreNotInIt()
    {
        Apply(Config(1, 2));
        RestartForgetful();

        Change(new ReplaceConfig(Config(2), new HashSet<ConfigSection> { ConfigSection.PhysicalNetworks, ConfigSection.Networks }));

        Assert.That((Kernel.Host.State.Find("vxlan1"), Kernel.Host.State.Find("vxlan2")?.Name), Is.EqualTo((default(Core.Model.Links.Link), "vxlan2")));
    }

    [Test]
    public void Shutdown_OfANetworkOfTheFormerLife_RemovesIt()
    {
        Apply(Config(1, 2));
        RestartForgetful();
        Change(new RemoveNetwork("n1"));
        Assert.That((Kernel.Host.State.Find("vxlan1"), Kernel.Host.State.Find("vxlan2")?.Name), Is.EqualTo((default(Core.Model.Links.Link), "vxlan2")));
    }
}
