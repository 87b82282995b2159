using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>The way to the agent's own loop: a test can hold the loop, and await that so many changes wait for their turn.</summary>
internal sealed class WaitingRoom(ReconcileLoop loop, MemoryKernel kernel) : IDataplane, IDisposable
{
    private readonly SemaphoreSlim _came = new(0);

    public event Action? Published
    {
        add => loop.Published += value;
        remove => loop.Published -= value;
    }

    public DataplaneView View => loop.View;

    public void Dispose()
    {
        loop.Dispose();
        _came.Dispose();
    }

    /// <summary>The loop takes nothing more from its queue until this is disposed.</summary>
    public async Task<IDisposable> HoldAsync()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var door = new Door();
        kernel.OnReadForwarding = () =>
        {
            kernel.OnReadForwarding = null;
            reached.SetResult();
            door.Wait();
        };
        _ = loop.ReadForwardingAsync(CancellationToken.None);
        await reached.Task;
        return door;
    }

    /// <summary>Returns when so many more changes are in the queue, or were refused for it.</summary>
    public async Task WaitForAsync(int changes)
    {
        for (var i = 0; i < changes; i++)
        {
            await _came.WaitAsync();
        }
    }

    public Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken)
    {
        var change = loop.ChangeAsync(options, edit, cancellationToken);
        _came.Release();
        return change;
    }

    public IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked) => loop.Check(asked);

    public Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken) =>
        loop.ReadForwardingAsync(cancellationToken);

    private sealed class Door : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public void Wait() => _open.Wait();

        public void Dispose() => _open.Set();
    }
}
