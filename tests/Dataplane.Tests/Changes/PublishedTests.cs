using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>Whoever waits for a newer view is told of each.</summary>
internal sealed class PublishedTests : LoopFixture
{
    [Test]
    public async Task Change_IsPublishedWithTheViewInPlace()
    {
        var first = NextAsync(view => view.Generation == 1);
        Apply(Config(1));
        Assert.That((await first).Desired.Networks.Keys, Is.EqualTo(new[] { "n1" }));
    }

    [Test]
    public async Task KernelThatCannotBeRead_AndCanAgain_IsPublishedBothTimes()
    {
        var degraded = NextAsync(view => view.Status.State == AgentState.Degraded);
        Kernel.Unreadable = FakeKernel.Refusal(new ObjectRef(ObjectKind.Host), "no memory for dumps");
        Kernel.Wake();
        Assert.That((await degraded).Degradations.Single().Reason, Is.EqualTo(DegradedReason.KernelUnreadable));

        var recovered = NextAsync(view => view.Status.State == AgentState.Serving);
        Kernel.Unreadable = null;
        Kernel.Wake();
        Assert.That((await recovered).Degradations, Is.Empty);
    }

    /// <summary>The first view that is so of those published from now on.</summary>
    private Task<DataplaneView> NextAsync(Func<DataplaneView, bool> isSo)
    {
        var found = new TaskCompletionSource<DataplaneView>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Published += () =>
        {
            var view = Loop.View;
            if (isSo(view))
            {
                found.TrySetResult(view);
            }
        };
        return found.Task;
    }
}
