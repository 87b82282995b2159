using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Tests.Drivers;

/// <summary>Which forwarding tables have to be read back: those with a step in them that the kernel did not confirm.</summary>
public sealed class ForwardingReportsTests
{
    private static readonly ObjectRef Network = new(ObjectKind.Network, "web");
    private static readonly MacAddress Any = MacAddress.Parse("00:00:00:00:00:00");
    private static readonly IPAddress Near = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Far = IPAddress.Parse("192.0.2.2");
    private static readonly AddForwarding Add = new(Network, "vxlan7", Any, Near);
    private static readonly RemoveForwarding Remove = new(Network, "vxlan7", Any, Far);

    private static readonly HostState State = Host();

    [Test]
    public void StepsThatWereReported_AreConfirmed() =>
        Assert.That(Unconfirmed([Add, Remove], new ForwardingAdded(Entry(7, Near)), new ForwardingRemoved(Entry(7, Far))), Is.Empty);

    [Test]
    public void StepWithoutReport_MakesItsDeviceUnconfirmed() =>
        Assert.That(Unconfirmed([Add, Remove], new ForwardingAdded(Entry(7, Near))), Is.EqualTo([7]));

    [Test]
    public void ReportOfTheOpposite_DoesNotConfirm() =>
        Assert.That(Unconfirmed([Add], new ForwardingRemoved(Entry(7, Near))), Is.EqualTo([7]));

    [Test]
    public void ReportOfAnotherDeviceOrPeer_DoesNotConfirm() =>
        Assert.That(Unconfirmed([Add], new ForwardingAdded(Entry(8, Near)), new ForwardingAdded(Entry(7, Far))), Is.EqualTo([7]));

    [Test]
    public void DeviceThatIsGone_HasNoTableToRead() =>
        Assert.That(Unconfirmed([Add with { Link = "vxlan9" }]), Is.Empty);

    private static HashSet<int> Unconfirmed(IReadOnlyList<PlanStep> steps, params IReadOnlyList<RouteEvent> heard)
    {
        var reports = new ForwardingReports();
        reports.Note(heard);
        return reports.Unconfirmed(steps, State);
    }

    private static ForwardingEntry Entry(int link, IPAddress peer) => new(link, Any, peer);

    private static HostState Host()
    {
        var builder = HostState.Empty.ToBuilder();
        builder.Put(new Link { Index = 7, Name = "vxlan7", Kind = LinkKind.Vxlan });
        return builder.ToState();
    }
}
