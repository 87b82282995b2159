using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// The history as a folder with a small file for each generation, written by a thread of its own: a slow or full disk delays nobody, and
/// is told once. What waits is seen as if it were written.
/// </summary>
public sealed class GenerationStore : IHistory, IDisposable
{
    private const string FolderName = "generations";
    private const int MostWaiting = 256;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly HistoryQueue _queue;
    private readonly GenerationFiles _files;
    private readonly IHistoryObserver _observer;
    private readonly IDisposable? _held;
    private readonly string _path;
    private readonly Thread _writer;

    /// <summary>Something is to do: a generation came, or the end.</summary>
    private bool _isWoken;
    private bool _isEnding;
    private bool _isFailing;
    private long _lost;

    /// <param name="stateFolder">The state folder, which the journal holds; the generations go into a folder of it.</param>
    /// <param name="codec">How a generation becomes bytes; used by several threads.</param>
    /// <param name="kept">How many are kept.</param>
    /// <param name="observer">Hears what goes wrong.</param>
    /// <exception cref="JournalException">The folder cannot be used.</exception>
    public GenerationStore(string stateFolder, IGenerationCodec codec, int kept, IHistoryObserver observer)
        : this(OpenFolder(stateFolder), codec, kept, MostWaiting, observer)
    {
    }

    internal GenerationStore(IFolder folder, IGenerationCodec codec, int kept, int mostWaiting, IHistoryObserver observer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        _path = folder.Path;
        _held = folder as IDisposable;
        _observer = observer;
        _queue = new HistoryQueue(mostWaiting);
        _files = new GenerationFiles(folder, codec, kept, observer);
        try
        {
            _files.Load();
        }
        catch (FileException e)
        {
            _held?.Dispose();
            throw StateFailures.NotReadable(_path, e);
        }

        _writer = new Thread(WriteAll) { IsBackground = true, Name = "history" };
        _writer.Start();
    }

    public void Keep(Generation generation)
    {
        ArgumentNullException.ThrowIfNull(generation);
        var overflow = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnding, this);
            if (_queue.Add(generation))
            {
                _lost++;
                overflow = !_isFailing;
                _isFailing = true;
            }

            _isWoken = true;
            Monitor.Pulse(_gate);
        }

        if (overflow)
        {
            _observer.HistoryFailing(Behind());
        }
    }

    public IReadOnlyList<HistoryEntry> List(ulong? before, int count)
    {
        var waiting = new Dictionary<ulong, HistoryEntry>();
        lock (_gate)
        {
            foreach (var generation in _queue.All)
            {
                waiting[generation.Number] = generation.Entry;
            }
        }

        var found = new List<HistoryEntry>();
        foreach (var number in waiting.Keys.Union(_files.Numbers()).Where(n => before is null || n < before).OrderDescending())
        {
            if (found.Count >= count)
            {
                break;
            }

            if ((waiting.GetValueOrDefault(number) ?? _files.EntryOf(number)) is { } entry)
            {
                found.Add(entry);
            }
        }

        return found;
    }

    public Generation? Find(ulong number)
    {
        lock (_gate)
        {
            if (_queue.Find(number) is { } waiting)
            {
                return waiting;
            }
        }

        return _files.Find(number);
    }

    /// <summary>Writes what waits, as far as the disk takes it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isEnding)
            {
                return;
            }

            _isEnding = true;
            _isWoken = true;
            Monitor.Pulse(_gate);
        }

        _writer.Join();
        _held?.Dispose();
    }

    private static Folder OpenFolder(string stateFolder)
    {
        try
        {
            return Folder.Open(System.IO.Path.Combine(stateFolder, FolderName));
        }
        catch (FileException e)
        {
            throw StateFailures.NotWritable(stateFolder, e);
        }
    }

    private void WriteAll()
    {
        while (Take() is { } next)
        {
            try
            {
                _files.Write(next);
                _files.Prune();
                Finish();
            }
            catch (FileException e)
            {
                PutBack();
                Tell(StateFailures.Of(_path, e) with
                {
                    Reason = "HISTORY_NOT_WRITABLE",
                    Message = $"generations are not kept in {_path}: {e.Words}. Changes go on; what waits is written when the disk takes it",
                });
                if (!PauseAfterFailure())
                {
                    return;
                }
            }
            catch (Exception e)
            {
                // A defect of ours. One generation is lost to it, and not the agent.
                GiveUp();
                Tell(Defect(next, e));
                Finish();
            }
        }
    }

    /// <summary>The next to be written; null at the end.</summary>
    private Generation? Take()
    {
        lock (_gate)
        {
            while (true)
            {
                _isWoken = false;
                if (_queue.TryTake(out var next))
                {
                    return next;
                }

                if (_isEnding)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private void Finish()
    {
        long lost;
        lock (_gate)
        {
            _queue.Finish();
            if (!_isFailing || !_queue.IsEmpty)
            {
                return;
            }

            (lost, _lost, _isFailing) = (_lost, 0, false);
        }

        _observer.HistoryWorking(lost);
    }

    private void PutBack()
    {
        lock (_gate)
        {
            _lost += _queue.PutBack() ? 1 : 0;
        }
    }

    private void GiveUp()
    {
        lock (_gate)
        {
            _queue.Finish();
            _lost++;
        }
    }

    /// <summary>Until something new is to be kept, some time has passed, or the end has come, when it is tried once more. False after that.</summary>
    private bool PauseAfterFailure()
    {
        lock (_gate)
        {
            if (_isEnding && !_isWoken)
            {
                return false;
            }

            if (!_isWoken)
            {
                Monitor.Wait(_gate, RetryPause);
            }

            return true;
        }
    }

    private void Tell(Failure failure)
    {
        lock (_gate)
        {
            if (_isFailing)
            {
                return;
            }

            _isFailing = true;
        }

        _observer.HistoryFailing(failure);
    }

    private Failure Defect(Generation generation, Exception e) => new()
    {
        Operation = "write",
        Subject = ObjectRef.File(System.IO.Path.Combine(_path, GenerationFile.NameOf(generation.Number))),
        Reason = "HISTORY_DEFECT",
        Message = $"generation {generation.Number} cannot be kept in the history: {e.Message}",
        Evidence = e.ToString(),
        Remedy = "what is in force is not concerned; report it, with the evidence",
    };

    private Failure Behind() => new()
    {
        Kind = FailureKind.ResourceExhausted,
        Operation = "write",
        Subject = ObjectRef.File(_path),
        Reason = "HISTORY_BEHIND",
        Message = $"generations come faster than {_path} takes them, and the oldest that wait are given up",
        Remedy = $"see why the disk under {_path} is slow",
        Retryable = true,
    };
}
