using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;

namespace Cloudbr.Agent.Core.Tests.Planning.Design;

internal sealed class ProviderSetTests
{
    private static readonly Network Vlan = new() { Id = "n1", PhysicalNetwork = "cloudbr1", Isolation = new VlanIsolation(5) };

    [Test]
    public void Choose_OfSeveralThatFit_TakesTheHighestPriority() =>
        Assert.That(Chosen([], TestAgent.AllOf("low", 10), TestAgent.AllOf("high", 20)), Is.EqualTo("high"));

    [Test]
    public void Choose_OfEqualPriority_GoesByName() =>
        Assert.That(Chosen([], TestAgent.AllOf("b"), TestAgent.AllOf("a")), Is.EqualTo("a"));

    [Test]
    public void Choose_WishedPriority_Counts() => Assert.That(
        Chosen([new ProviderSetting("low", Enabled: true, 30)], TestAgent.AllOf("low", 10), TestAgent.AllOf("high", 20)), Is.EqualTo("low"));

    [Test]
    public void Choose_DisabledOne_IsPassedOver() => Assert.That(
        Chosen([new ProviderSetting("high", Enabled: false, null)], TestAgent.AllOf("low", 10), TestAgent.AllOf("high", 20)), Is.EqualTo("low"));

    [Test]
    public void Choose_NamedOne_IsTakenWhateverItsPriority()
    {
        var set = Set([], TestAgent.AllOf("low", 10), TestAgent.AllOf("high", 20));
        Assert.That(set.Choose(Vlan with { Provider = "low" }, [])!.Description.Name, Is.EqualTo("low"));
    }

    [Test]
    public void Choose_KernelLacksTheFeature_SaysSo()
    {
        var provider = TestAgent.AllOf("linux-bridge") with
        {
            Isolations = [IsolationKind.Untagged],
            Features = [new KernelFeature("8021q", Availability.Missing, "the kernel has no 802.1Q")],
        };
        Assert.That(WhyNot(Vlan, [], provider), Is.EqualTo("no provider on this host realises VLAN on cloudbr1: the kernel has no 802.1Q"));
    }

    [Test]
    public void Choose_AllAreOff_SaysSo() => Assert.That(
        WhyNot(Vlan, [new ProviderSetting("linux-bridge", Enabled: false, null)], TestAgent.AllOf("linux-bridge")),
        Is.EqualTo("no provider on this host realises VLAN on cloudbr1: linux-bridge was switched off"));

    [Test]
    public void Choose_NamedOneIsNotHere_SaysSo() => Assert.That(
        WhyNot(Vlan with { Provider = "ovs" }, [], TestAgent.AllOf("linux-bridge")),
        Is.EqualTo("there is no provider ovs here; GetCapabilities lists those that are"));

    [Test]
    public void Choose_NamedOneCannot_SaysWhy() => Assert.That(
        WhyNot(Vlan with { Provider = "b" }, [], TestAgent.AllOf("a"), TestAgent.AllOf("b") with { Isolations = [] }),
        Is.EqualTo("the provider b does not realise VLAN on cloudbr1: b has no such thing"));

    [Test]
    public void All_OneThatIsUnavailable_StaysSoWhenSwitchedOn()
    {
        var broken = TestAgent.AllOf("a") with { State = ProviderState.Unavailable, Reason = "no bridge module" };
        Assert.That(Set([new ProviderSetting("a", Enabled: true, null)], broken).All.Single(), Is.EqualTo(broken));
    }

    private static ProviderSet Set(ValueList<ProviderSetting> wishes, params Provider[] providers) =>
        new(providers.Select(p => new LinuxBridgeProvider(p, TestAgent.Hostname)), wishes);

    private static string Chosen(ValueList<ProviderSetting> wishes, params Provider[] providers) =>
        Set(wishes, providers).Choose(Vlan, [])!.Description.Name;

    private static string WhyNot(Network network, ValueList<ProviderSetting> wishes, params Provider[] providers)
    {
        var failures = new List<Failure>();
        Assert.That(Set(wishes, providers).Choose(network, failures), Is.Null);
        return failures.Single().Message;
    }
}
