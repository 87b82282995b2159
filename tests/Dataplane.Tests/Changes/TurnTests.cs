using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

internal sealed class TurnTests : LoopFixture
{
    [Test]
    public void Apply_Unchanged_WritesNothing()
    {
        Apply(Config(1, 2));
        var writes = Kernel.Host.Writes;

        Assert.That(Apply(Config(1, 2)).Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(Kernel.Host.Writes, Is.EqualTo(writes));
    }

    [Test]
    public void DryRun_SaysWhatWouldBeDoneAndDoesNothing()
    {
        var report = Apply(Config(1), new ChangeOptions("a") { DryRun = true });

        Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.Planned));
        Assert.That(report.Changes.Select(c => (c.Step.Subject.Name, c.Progress)), Has.Member(("vxlan1", StepProgress.Planned)));
        Assert.That((Kernel.Host.Writes, Loop.View.Generation), Is.EqualTo((0, 0UL)));
    }

    [Test]
    public void Implement_LooksAtNothingElse()
    {
        Apply(Config(1));
        Kernel.Host.Apply(Loop.View.Desired.Networks["n1"].Links.Reverse().Select(l =>
            new Core.Planning.Steps.DeleteLink(ObjectRef.Link(l.Name), l, [])));

        Assert.That(Change(new PutNetwork(Vxlan(2))).Changes.Select(c => c.Step.Subject.Id).Distinct(), Is.EqualTo(new[] { "n2" }));
        Assert.That(Loop.View.FindProblems().Keys, Is.EqualTo(new[] { "n1" }));
        Assert.That(Change(new Resync()).Changes.Select(c => c.Step.Subject.Id).Distinct(), Is.EqualTo(new[] { "n1" }));
        Assert.That(Loop.View.FindProblems(), Is.Empty);
    }

    [Test]
    public void Settings_KeepTheValueFromBeforeTheFirstChange()
    {
        var config = Config();
        Apply(config with { Settings = new HostSettings { IpForward = true } });
        Apply(config with { Settings = new HostSettings { IpForward = false } });
        Apply(config with { Settings = new HostSettings { IpForward = true } });
        Assert.That(Loop.View.PreviousSettings, Is.EqualTo(new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "0" }));
    }

    [Test]
    public void Provider_SwitchedOnAgain_HasEverythingReadAnew()
    {
        var on = Config(1);
        Apply(on);
        Apply(on with { Providers = [new ProviderSetting("linux-bridge", Enabled: false, null)] });
        Assert.That(Loop.View.Providers.Single().State, Is.EqualTo(Core.Model.Providers.ProviderState.Disabled));
        var before = Kernel.ReadAlls;

        Apply(on);

        Assert.That(Kernel.ReadAlls, Is.EqualTo(before + 1));
        Assert.That(Loop.View.Providers.Single().State, Is.EqualTo(Core.Model.Providers.ProviderState.Ready));
    }

    [Test]
    public async Task Cancelled_WhileWaiting_IsLetGoAndNeverMade()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Kernel.OnApply = (steps, take) =>
        {
            entered.Set();
            release.Wait();
            return take(steps);
        };
        var first = Loop.ChangeAsync(new ChangeOptions("a"), new ReplaceConfig(Config(1), ReplaceConfig.AllSections), CancellationToken.None);
        entered.Wait();
        using var cancellation = new CancellationTokenSource();
        var second = Loop.ChangeAsync(new ChangeOptions("b"), new PutNetwork(Vxlan(2)), cancellation.Token);

        await cancellation.CancelAsync();

        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        release.Set();
        Assert.That((await first).Report.Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(Change(new PutNetwork(Vxlan(3))).Generation, Is.EqualTo(2));
        Assert.That(Kernel.Host.State.Find("vxlan2"), Is.Null);
    }

    [Test]
    public async Task Stopping_FinishesTheChangeUnderWayAndCancelsThoseThatWait()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Kernel.OnApply = (steps, take) =>
        {
            entered.Set();
            release.Wait();
            return take(steps);
        };
        var first = Loop.ChangeAsync(new ChangeOptions("a"), new ReplaceConfig(Config(1), ReplaceConfig.AllSections), CancellationToken.None);
        entered.Wait();
        var second = Loop.ChangeAsync(new ChangeOptions("b"), new PutNetwork(Vxlan(2)), CancellationToken.None);

        // The loop is woken when it is to stop: only then does the change go on.
        Kernel.OnWake = release.Set;
        Loop.Dispose();

        Assert.That((await first).Report.Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            async () => await Loop.ChangeAsync(new ChangeOptions("c"), new Resync(), CancellationToken.None), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Kernel_Unreadable_IsToldAndChangesFailWithIt()
    {
        Kernel.Unreadable = FakeKernel.Refusal(new ObjectRef(ObjectKind.Host), "no memory for dumps");
        Kernel.Wake();
        Assert.That((await Seen.KernelFailure).Message, Is.EqualTo("no memory for dumps"));

        Assert.That(Apply(Config(1)).Failures.Single().Message, Is.EqualTo("no memory for dumps"));
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Degraded));
        Assert.That(Loop.View.Status.Degradations.Single().Reason, Is.EqualTo(DegradedReason.KernelUnreadable));

        var readable = new TaskCompletionSource();
        Kernel.OnRead = () => readable.TrySetResult();
        Kernel.Unreadable = null;
        await readable.Task;
        Assert.That(Apply(Config(1)).Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Serving));
    }
}
