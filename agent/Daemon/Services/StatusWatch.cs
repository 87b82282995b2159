using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// Whether the host can be changed now, and a way to await that this turns. Fed by each view that the dataplane publishes; nobody asks
/// again and again.
/// </summary>
internal sealed class StatusWatch : IDisposable
{
    private readonly IDataplane _dataplane;
    private readonly Lock _gate = new();
    private TaskCompletionSource _turned = NewTurn();
    private bool _canChange = true;

    public StatusWatch(IDataplane dataplane)
    {
        _dataplane = dataplane;
        dataplane.Published += Look;
        Look();
    }

    /// <summary>How it is, and what ends when that is no longer so.</summary>
    public (bool CanChange, Task Turned) Now
    {
        get
        {
            lock (_gate)
            {
                return (_canChange, _turned.Task);
            }
        }
    }

    public void Dispose() => _dataplane.Published -= Look;

    private void Look()
    {
        // The view is looked at behind the gate, so that of two that look at once none leaves an older answer.
        lock (_gate)
        {
            var canChange = CanChange(_dataplane.View);
            if (canChange != _canChange)
            {
                _canChange = canChange;
                _turned.SetResult();
                _turned = NewTurn();
            }
        }
    }

    /// <summary>
    /// Whether a request to change something would be refused whatever it asks for, or almost: without a journal only an Apply of
    /// everything is taken. What could not be undone or healed, or a journal that was replaced by the one before, is no reason.
    /// </summary>
    private static bool CanChange(DataplaneView view) => !view.Degradations.Exists(d =>
        d.Reason is DegradedReason.KernelUnreadable or DegradedReason.StateNotWritable or DegradedReason.JournalUnreadable);

    private static TaskCompletionSource NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
