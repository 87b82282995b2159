using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>
/// The generations in a git repository, for people to read: a commit for each, a file for each network. Nothing is ever read from it
/// to decide what the host is to be, so nothing that is done to it changes the host. It is written by a thread of its own; what it
/// cannot write it reports, and closes the gap with the next generation by a commit that has everything.
/// </summary>
public sealed class GitHistory : IDisposable
{
    /// <summary>More than come in any storm. When git is too slow even for these, the oldest get no commit of their own.</summary>
    internal const int MostWaiting = 1024;

    private const int ManyLooseObjects = 2000;

    private const int MostNamed = 8;

    /// <summary>The service must have stopped within 1.5 s. What is not written by then the next life's first commit has.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(0.3);

    private readonly Lock _gate = new();
    private readonly Queue<Generation> _waiting = [];
    private readonly SemaphoreSlim _wake = new(0);
    private readonly ManualResetEventSlim _idle = new(initialState: false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly Thread _thread;

    private readonly int _kept;
    private readonly TimeSpan _drainTime;
    private readonly IGitHistoryObserver _observer;
    private readonly GitRepository _repository;
    private readonly HistoryFiles _files;
    private readonly WorkingFiles _working;

    private Dictionary<ulong, string> _commits = [];
    private int _skipped;
    private bool _disposed;
    private volatile string? _offReason;

    // Of the history's thread only. What the tip holds and the files on disk show; null if that is not known.
    private Generation? _written;
    private Generation? _shown;
    private string? _tip;
    private bool _isOpen;
    private int _count;
    private int _untidy;

    /// <param name="directory">Where; made if it is not there. Its parent must be the agent's.</param>
    /// <param name="keptCommits">How many commits are kept; at times there are a tenth more.</param>
    /// <param name="host">The host's name, for the authors' addresses.</param>
    /// <param name="format">How the files read.</param>
    /// <param name="observer">Is told what goes wrong.</param>
    /// <param name="time">The host's clock.</param>
    public GitHistory(
        string directory, int keptCommits, string host, IHistoryFormat format, IGitHistoryObserver observer, TimeProvider time)
        : this(directory, keptCommits, host, format, observer, time, Tool.RunAsync, DrainTime)
    {
    }

    internal GitHistory(
        string directory,
        int keptCommits,
        string host,
        IHistoryFormat format,
        IGitHistoryObserver observer,
        TimeProvider time,
        ToolRunner run,
        TimeSpan drainTime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keptCommits, 1);
        _drainTime = drainTime;
        _kept = keptCommits;
        _observer = observer;
        _repository = new GitRepository(directory, host, run, time);
        _files = new HistoryFiles(format);
        _working = new WorkingFiles(directory, _repository.Folder, _files);
        _thread = new Thread(Run) { IsBackground = true, Name = "git-history" };
        _thread.Start();
    }

    /// <summary>Why nothing is written; null if it is.</summary>
    public string? OffReason => _offReason;

    /// <summary>
    /// Writes a generation, or what has become of one that is written already: later, and by another thread. It returns at once.
    /// </summary>
    public void Keep(Generation generation)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            if (_waiting.Count == MostWaiting)
            {
                _waiting.Dequeue();
                _skipped++;
            }

            _waiting.Enqueue(generation);
            _idle.Reset();
        }

        _wake.Release();
    }

    /// <summary>The generation's commit, in hexadecimal; empty if it has none, or none yet.</summary>
    public string CommitOf(ulong generation)
    {
        lock (_gate)
        {
            return _commits.GetValueOrDefault(generation, "");
        }
    }

    /// <summary>Writes what waits, as far as there is time.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _stopping.Cancel();
        _wake.Release();
        if (!_thread.Join(_drainTime))
        {
            _killed.Cancel();
            if (!_thread.Join(KillTime))
            {
                // It ends with the process; what it uses must stay until then.
                return;
            }
        }

        _wake.Dispose();
        _idle.Dispose();
        _stopping.Dispose();
        _killed.Dispose();
    }

    /// <summary>For tests: waits until nothing is left to do.</summary>
    internal bool WaitUntilIdle(TimeSpan limit) => _idle.Wait(limit);

    private void Run()
    {
        // What is wrong is to be known before the first generation comes, and so are the commits of former lives.
        Guarded(Open, TurnOff);
        while (true)
        {
            IReadOnlyList<Generation> batch;
            bool isLast;
            int skipped;
            lock (_gate)
            {
                (batch, skipped, isLast) = ([.. _waiting], _skipped, _disposed);
                _waiting.Clear();
                _skipped = 0;
                if (batch.Count == 0 && !isLast)
                {
                    _idle.Set();
                }
            }

            if (skipped > 0)
            {
                _observer.HistoryUntidy($"git is too slow for so many changes; {skipped} generations have no commit of their own");
            }

            if (batch.Count > 0)
            {
                Write(batch);
            }
            else if (isLast)
            {
                return;
            }
            else
            {
                _wake.Wait();
            }
        }
    }

    private void Write(IReadOnlyList<Generation> batch)
    {
        // Once more at once, from the beginning: whatever somebody did to the repository meanwhile is mended or overwritten then.
        if (!Guarded(() => Commit(batch), _ => { }))
        {
            Forget();
            WaitForLocks();
            if (!Guarded(() => Commit(batch), TurnOff))
            {
                Forget();
                return;
            }
        }

        if (!_killed.IsCancellationRequested)
        {
            Show(batch[^1]);
        }

        Tidy(batch[^1]);
    }

    /// <summary>Nothing is known any more of what is on disk: the next commit has everything.</summary>
    private void Forget()
    {
        _isOpen = false;
        _written = null;
        _shown = null;
        _tip = null;
    }

    /// <summary>Whether it was done. That the agent stops is no failure: the next life's first commit has everything.</summary>
    private static bool Guarded(Action action, Action<string> failed)
    {
        try
        {
            action();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
#pragma warning disable CA1031 // The history must never end the agent, whatever is wrong with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failed(e.Message);
            return false;
        }
    }

    private void TurnOff(string reason)
    {
        if (_offReason != reason)
        {
            _offReason = reason;
            _observer.HistoryOff(reason);
        }
    }

    private void TurnOn()
    {
        if (_offReason is not null)
        {
            _offReason = null;
            _observer.HistoryOn();
        }
    }

    private void Open()
    {
        _repository.CheckGit(_killed.Token);
        Mend();
        _repository.Folder.ClearLeftovers();
        try
        {
            ReadCommits();
        }
        catch (DamagedException e)
        {
            SetAside(e.Message);
            ReadCommits();
        }

        _isOpen = true;
    }

    private void Mend()
    {
        foreach (var what in _repository.Folder.Mend())
        {
            _observer.HistoryTouched(what);
        }
    }

    private void SetAside(string reason)
    {
        var place = _repository.Folder.SetAside();
        _observer.HistoryTouched($"it is damaged ({reason}) and is set aside as {place}; a new one begins");
        Forget();
        Mend();
    }

    private void ReadCommits()
    {
        var tip = _repository.Tip(_killed.Token);
        if (tip != _tip)
        {
            (_written, _tip) = (null, tip);
        }

        (var commits, _count) = _tip is null ? ([], 0) : _repository.ReadCommits(_killed.Token);
        _untidy = _repository.CountLoose(_killed.Token) > ManyLooseObjects ? _kept : 0;
        lock (_gate)
        {
            _commits = commits;
        }
    }

    private void Commit(IReadOnlyList<Generation> batch)
    {
        if (!_isOpen)
        {
            Open();
        }

        Mend();
        var tip = _repository.Tip(_killed.Token);
        if (tip != _tip && _written is not null)
        {
            _observer.HistoryTouched($"somebody moved {FastImport.Branch} to {tip ?? "nothing"}; what the agent wants goes on top of it");
        }

        if (tip != _tip)
        {
            Forget();
            Open();
            tip = _tip;
        }

        var hashes = _repository.Import(batch, _files, _written, tip, number => CommitOf(number).Length > 0, _killed.Token);
        (_tip, _written) = (hashes[^1], batch[^1]);
        _count += batch.Count;
        _untidy += batch.Count;
        lock (_gate)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                _commits[batch[i].Number] = hashes[i];
            }
        }

        TurnOn();
    }

    /// <summary>A lock that a killed git left shortly before may be gone, or old enough to be removed, by the second try.</summary>
    private void WaitForLocks() => Guarded(
        () =>
        {
            if (Directory.Exists(_repository.Folder.Git) && _repository.Folder.ClearLeftovers() is var wait && wait > TimeSpan.Zero)
            {
                _stopping.Token.WaitHandle.WaitOne(wait);
            }
        },
        _ => { });

    /// <summary>Brings the files beside the commits up to date.</summary>
    private void Show(Generation newest)
    {
        var before = _shown;
        if (Guarded(() => Show(before, newest), why => _observer.HistoryUntidy($"the files beside the commits may be old: {why}")))
        {
            _shown = newest;
            return;
        }

        _shown = null;
        _isOpen = false;
    }

    private void Show(Generation? before, Generation newest)
    {
        if (_working.Update(before, newest) is { Count: > 0 } edited)
        {
            _observer.HistoryTouched($"somebody changed {string.Join(", ", edited.Take(MostNamed))}; written again");
        }

        _repository.ResetIndex(_killed.Token);
    }

    /// <summary>Now and then, for it reads the whole repository. The agent's stopping ends it at once.</summary>
    private void Tidy(Generation newest)
    {
        var many = Math.Clamp(_kept / 10, 1, 200);
        if ((_untidy < many && _count < _kept + many) || _stopping.IsCancellationRequested)
        {
            return;
        }

        _untidy = 0;
        Guarded(
            () =>
            {
                try
                {
                    _repository.Tidy(_kept, _stopping.Token);
                    ReadCommits();
                }
                catch (DamagedException e)
                {
                    SetAside(e.Message);
                    Commit([newest]);
                    Show(newest);
                }
            },
            why => _observer.HistoryUntidy($"old commits are still there: {why}"));
    }
}
