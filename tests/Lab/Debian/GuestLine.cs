using System.Collections.Concurrent;
using System.Globalization;
using Cloudbr.Agent.Lab.Uml;

namespace Cloudbr.Agent.Lab.Debian;

/// <summary>
/// The talk with `lab-guest` over the guest's serial line (its file lists the words). Every answer is awaited; when
/// the guest dies, whoever waits is told.
/// </summary>
internal sealed class GuestLine
{
    private readonly UserModeLinux _kernel;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<int>> _jobs = new();
    private readonly TaskCompletionSource _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _shared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _writing = new();
    private readonly Task _reading;
    private int _lastJob;

    internal GuestLine(UserModeLinux kernel)
    {
        _kernel = kernel;
        _reading = ReadAsync();
    }

    /// <summary>Waits for the guest to listen and has it mount the folder on /host.</summary>
    internal async Task OpenAsync(string share, CancellationToken cancellation)
    {
        await _hello.Task.WaitAsync(cancellation).ConfigureAwait(false);
        Send($"share {share}");
        await _shared.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    internal int NewJob()
    {
        var id = Interlocked.Increment(ref _lastJob);
        _jobs[id] = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        return id;
    }

    /// <summary>Runs a job whose files lie ready; the result is its exit status.</summary>
    internal async Task<int> RunAsync(int id, CancellationToken cancellation)
    {
        Send(string.Create(CultureInfo.InvariantCulture, $"run {id}"));
        return await _jobs[id].Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Kills a job and waits until it is over.</summary>
    internal async Task KillAsync(int id, CancellationToken cancellation)
    {
        Send(string.Create(CultureInfo.InvariantCulture, $"kill {id}"));
        await _jobs[id].Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins an orderly shutdown.</summary>
    internal void PowerOff() => Send("poweroff");

    /// <summary>Completes when the guest has closed the line, which it does by ending.</summary>
    internal Task ClosedAsync() => _reading;

    private void Send(string order)
    {
        try
        {
            lock (_writing)
            {
                _kernel.SerialIn.Write(order + '\n');
                _kernel.SerialIn.Flush();
            }
        }
        catch (IOException)
        {
            throw new GuestException($"the guest is gone; it was to \"{order}\"", _kernel.Console);
        }
    }

    private async Task ReadAsync()
    {
        while (await _kernel.SerialOut.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            switch (line.Trim().Split(' '))
            {
                case ["hello"]:
                    _hello.TrySetResult();
                    break;
                case ["shared"]:
                    _shared.TrySetResult();
                    break;
                case ["done", var id, var status]:
                    _jobs[Number(id)].TrySetResult(Number(status));
                    break;
                default:
                    // A kernel may write a word of its own before the guest takes the line.
                    break;
            }
        }

        var death = new GuestException("the guest ended while it was waited for", _kernel.Console);
        _hello.TrySetException(death);
        _shared.TrySetException(death);
        foreach (var job in _jobs.Values)
        {
            job.TrySetException(death);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
