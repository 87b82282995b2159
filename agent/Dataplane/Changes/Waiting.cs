using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>Something that waits for its turn on the loop. Who gives up waiting is let go at once; what has begun is finished and told.</summary>
internal abstract class Waiting
{
    private int _begun;

    /// <summary>False if it was given up meanwhile.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref _begun, 1) == 0;

    /// <summary>The agent stops.</summary>
    public abstract void Cancel();
}

internal abstract class Waiting<T> : Waiting
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Answer(T result) => _done.TrySetResult(result);

    public void Fail(Exception e) => _done.TrySetException(e);

    public override void Cancel() => _done.TrySetCanceled();

    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            _ =>
            {
                if (TryBegin())
                {
                    _done.TrySetCanceled(cancellationToken);
                }
            },
            null);
        return await _done.Task.ConfigureAwait(false);
    }
}

/// <summary>A question that only the loop may put to the kernel.</summary>
internal sealed class Question<T>(Func<IHostKernel, T> ask) : Waiting<T>, IQuestion
{
    public void Ask(IHostKernel kernel)
    {
        try
        {
            Answer(ask(kernel));
        }
        catch (KernelException e)
        {
            Fail(e);
        }
    }
}

internal interface IQuestion
{
    void Ask(IHostKernel kernel);

    void Fail(Exception e);
}
