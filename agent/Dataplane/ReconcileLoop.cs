using System.Collections.Concurrent;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane;

/// <summary>
/// The only writer. One thread follows the kernel's reports and makes one change after the other; everybody else looks at the view
/// that it publishes.
/// </summary>
public sealed class ReconcileLoop : IDataplane, IDisposable
{
    /// <summary>A kernel that cannot be read now is asked again after this time.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ManualResetEvent _stopSignal = new(initialState: false);
    private readonly IHostKernel _kernel;
    private readonly IReadOnlyList<INetworkProvider> _providers;
    private readonly IDataplaneObserver _observer;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<Action<KernelException?>> _work = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile DataplaneView _view;

    private ReconcileLoop(
        string hostname, IHostKernel kernel, IReadOnlyList<INetworkProvider> providers, IDataplaneObserver observer, TimeProvider time)
    {
        _kernel = kernel;
        _providers = providers;
        _observer = observer;
        _time = time;
        _view = new DataplaneView
        {
            Desired = Desired.Nothing with { Hostname = hostname, Undeclared = [.. ReplaceConfig.AllSections] },
            State = kernel.ReadAll(),
            Providers = [.. new ProviderSet(providers, []).All],
            AsOf = time.GetUtcNow(),
        };
        _thread = new Thread(Run) { IsBackground = true, Name = "reconcile" };
    }

    public DataplaneView View => _view;

    /// <summary>Reads the kernel, and follows it from then on. The loop owns the kernel's handle.</summary>
    public static ReconcileLoop Start(
        string hostname, IHostKernel kernel, IReadOnlyList<INetworkProvider> providers, IDataplaneObserver observer, TimeProvider time)
    {
        var loop = new ReconcileLoop(hostname, kernel, providers, observer, time);
        loop._thread.Start();
        return loop;
    }

    public Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken)
    {
        var arrived = _time.GetTimestamp();
        return OnLoopAsync(
            unreadable =>
            {
                var turn = new ChangeTurn(_kernel, _providers, _time, _view, options, edit, arrived);
                var result = unreadable is null ? turn.Run() : turn.Fail(unreadable.Failure);
                _view = turn.View.Judge(result.Report, edit);
                _observer.Changed(result.Report, options, edit);
                return result;
            },
            cancellationToken);
    }

    public IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked)
    {
        var state = _view.State;
        return [.. asked.Select(p => PhysicalChecker.Check(p, state))];
    }

    public Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken) =>
        OnLoopAsync(unreadable => unreadable is null ? _kernel.ReadForwarding() : throw unreadable, cancellationToken);

    /// <summary>Finishes the change under way, leaves the kernel as it is, and gives those still waiting their cancellation.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _stopSignal.Set();
        _kernel.Wake();
        _thread.Join();
        CancelWaiting();
        _kernel.Dispose();
        _stopSignal.Dispose();
    }

    private void CancelWaiting()
    {
        while (_work.TryDequeue(out var work))
        {
            work(null);
        }
    }

    /// <param name="function">What to do, or what to answer if the kernel cannot be read.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    private async Task<T> OnLoopAsync<T>(Func<KernelException?, T> function, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;
        _work.Enqueue(unreadable =>
        {
            if (_stopping || Interlocked.Exchange(ref begun, 1) != 0)
            {
                done.TrySetCanceled(cancellationToken);
                return;
            }

            try
            {
                done.SetResult(function(unreadable));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        if (_stopping)
        {
            // Nobody takes it from the queue any more.
            CancelWaiting();
        }
        else
        {
            _kernel.Wake();
        }

        // Who gives up while waiting for the turn is let go at once; what has begun is finished and told.
        using var registration = cancellationToken.UnsafeRegister(
            _ =>
            {
                if (Interlocked.Exchange(ref begun, 1) == 0)
                {
                    done.TrySetCanceled(cancellationToken);
                }
            },
            null);
        return await done.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        while (!_stopping)
        {
            try
            {
                Follow();
                if (_work.TryDequeue(out var work))
                {
                    work(null);
                }
                else
                {
                    _kernel.Wait();
                }
            }
            catch (KernelException e)
            {
                _observer.KernelFailed(e.Failure);
                _view = _view.Degrade(new Degradation(DegradedReason.KernelUnreadable, e.Failure, _time.GetUtcNow()));
                while (_work.TryDequeue(out var work))
                {
                    work(e);
                }

                _stopSignal.WaitOne(RetryPause);
            }
        }
    }

    private void Follow()
    {
        var started = _time.GetTimestamp();
        var view = _view;
        var state = _kernel.Follow(view.State, out var readAnew);
        if (readAnew)
        {
            _observer.ReadAnew(state.LinkCount, _time.GetElapsedTime(started));
        }

        if (!ReferenceEquals(state, view.State) || view.Has(DegradedReason.KernelUnreadable))
        {
            _view = (view with { State = state, AsOf = _time.GetUtcNow() }).Recover(DegradedReason.KernelUnreadable);
        }
    }
}
