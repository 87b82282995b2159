using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>What ports need of the rest of the config, asked when a change has its turn.</summary>
internal sealed class PortTurnTests : LoopFixture
{
    private static readonly Port Port = new() { NicId = "nic-1", Network = "n1", Mac = MacAddress.Parse("02:00:00:00:00:01") };

    [Test]
    public void Shutdown_OfANetworkWithPorts_IsRefusedAndChangesNothing()
    {
        Apply(Config(1, 2));
        Journal.InForce = Journal.InForce! with { Config = new PutPort(Port, []).ApplyTo(Journal.InForce.Config) };
        Restart();
        var writes = Kernel.Host.Writes;

        var report = Change(new RemoveNetwork("n1"));

        Assert.That((report.Outcome, report.Failures.Single().Reason), Is.EqualTo((ChangeOutcome.FailedUndone, "HAS_PORTS")));
        Assert.That(report.Failures.Single().Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That((Kernel.Host.Writes, Loop.View.Desired.Config.Networks.ContainsKey("n1")), Is.EqualTo((writes, true)));
    }

    /// <summary>It was there when the request was read, and went before its turn.</summary>
    [Test]
    public async Task Prepare_InANetworkThatWentMeanwhile_IsRefused()
    {
        Apply(Config(1));

        var reports = await Together([new RemoveNetwork("n1"), new PutPort(Port, [])]);

        Assert.That(reports[0].Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(reports[1].Failures.Single().Reason, Is.EqualTo("CONFIG_CHANGED"));
        Assert.That(reports[1].Failures.Single().Message, Does.EndWith("port.network_id there is no network n1 in the config"));
    }
}
