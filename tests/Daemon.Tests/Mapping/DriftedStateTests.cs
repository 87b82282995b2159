using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>What GetState says of drift and findings, and how both ways of knowing of a drift come together in the status.</summary>
internal sealed class DriftedStateTests
{
    private static readonly ObjectRef Bridge = ObjectRef.Link("brvx-1", "a");
    private static readonly ObjectRef Device = ObjectRef.Link("vxlan1", "a");

    [Test]
    public void State_HasTheDriftsAndFindingsOfTheView()
    {
        var drifts = new[] { Left(ObjectRef.Network("a")), Left(Bridge), Left(new ObjectRef(ObjectKind.Sysctl, Name: "net.ipv4.ip_forward")) };
        var state = Tell(View(drifts) with { Findings = View().Findings.Add("x", FindingMappingTests.Sample) });
        Assert.That(state.Drifts, Is.EquivalentTo(drifts.Select(DriftMapping.ToMessage)));
        Assert.That(state.Findings, Is.EqualTo(new[] { FindingMapping.ToMessage(FindingMappingTests.Sample) }));
    }

    [Test]
    public void Status_DriftThatBothKnow_IsCountedOnce() =>
        AssertStatus(View(Left(Bridge), Left(Device)), [Problem(Bridge), Problem(Device)], V1.AgentState.Drifted, 2);

    [Test]
    public void Status_DriftThatTheViewKnows_IsThereWithoutAProblem() => AssertStatus(View(Left(Bridge)), [], V1.AgentState.Drifted, 1);

    [Test]
    public void Status_ProblemThatTheViewDoesNotKnowYet_CountsAsWell() =>
        AssertStatus(View(Left(Bridge)), [Problem(Bridge), Problem(Device), Problem(ObjectRef.Network("b"))], V1.AgentState.Drifted, 3);

    [Test]
    public void Status_OneDriftToldOfDifferentObjects_IsNotCountedTwice() =>
        AssertStatus(View(Left(ObjectRef.Network("a"))), [Problem(Bridge), Problem(Device)], V1.AgentState.Drifted, 2);

    [Test]
    public void Status_AProblemWhileAChangeIsMade_IsDrift() =>
        AssertStatus(View() with { IsApplying = true }, [Problem(Bridge)], V1.AgentState.Drifted, 1);

    [Test]
    public void Status_NothingWrong_IsAsTheViewSays()
    {
        AssertStatus(View(), [], V1.AgentState.Serving, 0);
        AssertStatus(View() with { IsApplying = true }, [], V1.AgentState.Applying, 0);
    }

    [Test]
    public void Status_Degraded_StaysThat() => AssertStatus(
        View() with { Degradations = [new Degradation(DegradedReason.UndoIncomplete, Problem(Bridge), default)] }, [Problem(Bridge)], V1.AgentState.Degraded, 1);

    [TestCase(DriftHandling.Observed, V1.ObjectCondition.Drifted)]
    [TestCase(DriftHandling.BackedOff, V1.ObjectCondition.Drifted)]
    [TestCase(DriftHandling.Failed, V1.ObjectCondition.Failed)]
    public void Network_WithADrift_IsNotInPlace(DriftHandling handling, V1.ObjectCondition condition)
    {
        var network = Tell(View(Left(Bridge) with { Handling = handling })).Networks.Single();
        Assert.That(network.Condition, Is.EqualTo(condition));
    }

    [Test]
    public void Network_ThatCouldNotBeHealed_SaysWhyOnce()
    {
        var drift = Left(Bridge) with { Handling = DriftHandling.Failed, Failure = Problem(Bridge) };
        Assert.That(Tell(View(drift), Problem(Bridge)).Networks.Single().Problems, Is.EqualTo(new[] { FailureMapping.ToMessage(Problem(Bridge)) }));
        Assert.That(Tell(View(drift), Problem(Device)).Networks.Single().Problems, Is.EqualTo(new[]
        {
            FailureMapping.ToMessage(Problem(Device)), FailureMapping.ToMessage(Problem(Bridge)),
        }));
    }

    [Test]
    public void Network_WithoutDrift_IsInPlace() =>
        Assert.That(Tell(View()).Networks.Single().Condition, Is.EqualTo(V1.ObjectCondition.InPlace));

    private static void AssertStatus(DataplaneView view, Failure[] problems, V1.AgentState state, uint drifted)
    {
        var status = HostStateMapping.StatusOf(view, ByOwner(problems));
        Assert.That((status.State, status.DriftedObjects), Is.EqualTo((state, drifted)));
    }

    private static V1.HostState Tell(DataplaneView view, params Failure[] problems) =>
        HostStateMapping.ToMessage(view, ByOwner(problems), [], new V1.GetStateRequest(), null, PortStateTests.Uncounted);

    private static Dictionary<string, IReadOnlyList<Failure>> ByOwner(Failure[] problems) =>
        problems.GroupBy(p => p.Subject.Id).ToDictionary(g => g.Key, IReadOnlyList<Failure> (g) => [.. g]);

    private static Failure Problem(ObjectRef subject) => new() { Operation = "verify", Subject = subject, Reason = "KERNEL_DISAGREES", Message = "it differs" };

    private static Drift Left(ObjectRef subject) => new(subject, DriftKind.Changed, []) { Handling = DriftHandling.Observed };

    /// <summary>One network, a, and what is left of drift.</summary>
    private static DataplaneView View(params IEnumerable<Drift> drifts)
    {
        var network = new Network { Id = "a", PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() };
        var view = new FakeDataplane().View;
        return view with
        {
            Desired = view.Desired with
            {
                Config = HostConfig.Empty with { Networks = HostConfig.Empty.Networks.Add("a", network) },
                Networks = view.Desired.Networks.Add("a", new NetworkDesign
                {
                    Network = network,
                    Provider = "linux-bridge",
                    Alias = "cloudbr:network:a",
                    Bridge = new KernelName("brvx-1", null),
                    Device = new KernelName("vxlan1", null),
                    GuestMtu = 1450,
                    WantedMtu = 1450,
                    UnderlayMtu = 1500,
                }),
            },
            Drifts = view.Drifts.AddRange(drifts.GroupBy(d => d.Subject.Id).Select(g => KeyValuePair.Create(g.Key, g.ToImmutableList()))),
        };
    }
}
