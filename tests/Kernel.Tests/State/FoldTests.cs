using System.Globalization;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>A boot storm on a real kernel.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class FoldTests
{
    private const int Many = 60;

    [Test, MachineOnly]
    public async Task ManyNetworksAtOnce_AreOneTransaction_AndABadOneFailsAlone()
    {
        using var hosts = TwoHosts.Create();
        using var host = new AgentHostScene(hosts.First.Namespace);
        host.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0")));

        // Somebody else's device has the name that one of them needs.
        host.Host.Ip("link add vxlan7 type bridge");
        using var reached = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        host.BeforeFollow = () =>
        {
            reached.Set();
            released.Wait();
        };
        host.Host.Ip("link add knock type bridge");
        reached.Wait();
        var waiting = Enumerable.Range(1, Many).Select(vni => host.ChangeAsync(new PutNetwork(TwoAgents.Static(vni, "192.0.2.2")))).ToList();
        host.BeforeFollow = null;
        released.Set();
        var reports = await Task.WhenAll(waiting);

        var refused = reports.Where(r => !r.Succeeded).ToList();
        Assert.That(refused.Select(r => r.Failures[0].Reason), Is.EqualTo(["DEVICE_EXISTS"]));
        var made = reports.Where(r => r.Succeeded).ToList();
        Assert.That(made.Select(r => r.RequestsInTransaction), Has.All.EqualTo(Many - 1));
        Assert.That(made.Select(r => r.Generation), Is.EqualTo(Enumerable.Range(2, Many - 1).Select(g => (ulong)g)));
        Assert.That(host.View.FindProblems(), Is.Empty);
        Assert.That(
            made.Select(r => Shown.Link(host.Host, r.Changes[0].Step.Subject.Name).GetProperty("ifalias").GetString()),
            Is.EqualTo(Enumerable.Range(1, Many).Where(vni => vni != 7).Select(vni => string.Create(CultureInfo.InvariantCulture, $"cloudbr:network:net-{vni}"))));
    }
}
