using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning;

/// <summary>Security groups for a network that has guests already.</summary>
internal sealed class ClosingTests
{
    private static readonly Network Open = new() { Id = "n1", PhysicalNetwork = "eth0", Isolation = new VlanIsolation(5) };
    private static readonly Network Secured = Open with { Security = new NetworkSecurity([]) };
    private static readonly Port Port = new() { NicId = "nic-1", Network = "n1", Mac = MacAddress.Parse("02:00:4c:00:00:05") };

    private readonly TestAgent _agent = new(new MemoryHost());

    [SetUp]
    public void RunAGuest()
    {
        new Nic("eth0", 1500).PutOn(_agent.Host);
        _agent.Apply(Config(Open));
        _agent.Host.PutForeign(new Link
        {
            Index = 0,
            Name = "vnet0",
            Mac = PortDesigner.TapOf(Port.Mac),
            Master = _agent.Host.State.Find("breth0-5")!.Index,
            Up = true,
        });
    }

    [Test]
    public void AGuestThatNobodyPrepared_IsCutOffOnlyIfThatIsAllowed()
    {
        var failure = Plan(Config(Secured), allowDisruption: false).Failures.Single();
        Assert.That((failure.Reason, failure.Subject), Is.EqualTo(("DISRUPTION_NOT_ALLOWED", ObjectRef.Network("n1"))));
        Assert.That(failure.Message, Does.StartWith("security groups on breth0-5 would cut off vnet0"));
        Assert.That(Plan(Config(Secured), allowDisruption: true).Failures, Is.Empty);
    }

    [Test]
    public void AGuestThatIsPreparedWithIt_IsNotCutOff()
    {
        var config = Config(Secured);
        Assert.That(Plan(config with { Ports = config.Ports.Add("nic-1", Port) }, allowDisruption: false).Failures, Is.Empty);
    }

    [Test]
    public void AGuestThatComesLater_IsNobodysTrouble()
    {
        _agent.Apply(Config(Secured));
        Assert.That(Plan(Config(Secured), allowDisruption: false).Failures, Is.Empty);
    }

    private Plan Plan(HostConfig config, bool allowDisruption)
    {
        var next = Designer.Next(_agent.Desired, config, touched: null, _agent.Host.State, TestAgent.Providers(config), [])!;
        next = next with { Ports = PortDesigner.Design(next, _agent.Host.State) };
        return Planner.Make(_agent.Desired, next, _agent.Host.State, new PlanScope(null), allowDisruption);
    }

    private static HostConfig Config(Network network) => new Segment(network).AddTo(new Physical(new PhysicalNetwork { Label = "eth0" }).AddTo(HostConfig.Empty));
}
