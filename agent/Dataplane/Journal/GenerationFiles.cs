using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// The generations that are on disk: their numbers, and the entries of those that somebody has asked for. Configs are read when they are
/// wanted and not kept.
/// </summary>
internal sealed class GenerationFiles(IFolder folder, IGenerationCodec codec, int kept, IHistoryObserver observer)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, Known> _known = new(Comparer<ulong>.Create(static (a, b) => b.CompareTo(a)));

    /// <summary>What a former life left.</summary>
    /// <exception cref="FileException">The folder cannot be read.</exception>
    public void Load()
    {
        foreach (var name in folder.Names())
        {
            if (GenerationFile.NumberOf(name) is { } number)
            {
                _known[number] = new Known(null);
            }
            else if (name.EndsWith(DurableFiles.Temporary, StringComparison.Ordinal))
            {
                folder.Remove(name);
            }
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ulong> Numbers()
    {
        lock (_gate)
        {
            return [.. _known.Keys];
        }
    }

    /// <summary>Null if it is not there or cannot be read.</summary>
    public HistoryEntry? EntryOf(ulong number)
    {
        if (KnownOf(number) is not { } known)
        {
            return null;
        }

        if (known.Entry is { } entry)
        {
            return entry;
        }

        entry = Read(number, known, GenerationFile.ReadEntry);
        if (entry is not null)
        {
            Replace(number, known, new Known(entry));
        }

        return entry;
    }

    /// <inheritdoc cref="EntryOf"/>
    public Generation? Find(ulong number) =>
        KnownOf(number) is { } known ? Read(number, known, GenerationFile.ReadWhole) : null;

    /// <summary>
    /// The content is synced, so that a name never leads to half a generation. The name is not: that one of the last generations may be
    /// missing after a loss of power is not worth a sync of the folder for each; the journal has the last two.
    /// </summary>
    /// <exception cref="FileException">It is not written, and what was there is as it was.</exception>
    public void Write(Generation generation)
    {
        var compressed = GenerationFile.Compress(generation, codec);
        var name = GenerationFile.NameOf(generation.Number);
        var temporary = name + DurableFiles.Temporary;
        try
        {
            using (var file = folder.Create(temporary))
            {
                file.Write(Frame.Line(Frame.History, compressed));
                file.Write(compressed);
                file.Sync();
            }

            folder.Rename(temporary, name);
        }
        catch (FileException)
        {
            RemoveIfPossible(temporary);
            throw;
        }

        lock (_gate)
        {
            _known[generation.Number] = new Known(generation.Entry);
        }
    }

    /// <summary>Removes the oldest of too many.</summary>
    public void Prune()
    {
        foreach (var number in Numbers().Skip(kept))
        {
            folder.Remove(GenerationFile.NameOf(number));
            lock (_gate)
            {
                _known.Remove(number);
            }
        }
    }

    private T? Read<T>(ulong number, Known known, Func<byte[], ulong, IGenerationCodec, T> read)
        where T : class
    {
        var name = GenerationFile.NameOf(number);
        try
        {
            return folder.Read(name) is { } bytes ? read(bytes, number, codec) : null;
        }
        catch (Exception e) when (e is InvalidDataException or NewerFormatException)
        {
            if (Replace(number, known, new Known(null) { IsDamaged = true }))
            {
                observer.GenerationUnreadable(Unreadable(name, "HISTORY_DAMAGED", e.Message));
            }
        }
        catch (FileException e)
        {
            // The next time it may be readable; until then it is told once.
            if (!known.IsTold && Replace(number, known, new Known(known.Entry) { IsTold = true }))
            {
                observer.GenerationUnreadable(Unreadable(name, "HISTORY_NOT_READABLE", e.Message));
            }
        }

        return null;
    }

    /// <summary>Null for what is not there or damaged.</summary>
    private Known? KnownOf(ulong number)
    {
        lock (_gate)
        {
            return _known.TryGetValue(number, out var known) && !known.IsDamaged ? known : null;
        }
    }

    /// <summary>False if the file was written anew or pruned since: what was read is not what is there.</summary>
    private bool Replace(ulong number, Known known, Known now)
    {
        lock (_gate)
        {
            if (_known.GetValueOrDefault(number) != known)
            {
                return false;
            }

            _known[number] = now;
            return true;
        }
    }

    private Failure Unreadable(string name, string reason, string what)
    {
        var path = Path.Combine(folder.Path, name);
        return new Failure
        {
            Operation = "read",
            Subject = ObjectRef.File(path),
            Reason = reason,
            Message = $"a kept generation cannot be read and is left out of the history: {path}: {what}",
            Evidence = what,
            Remedy = $"what is in force is not concerned; see the kernel's log for the disk, and remove {path} when nobody needs it",
        };
    }

    private void RemoveIfPossible(string name)
    {
        try
        {
            folder.Remove(name);
        }
        catch (FileException)
        {
            // It is removed at the next start; that the disk fails is being told.
        }
    }

    /// <summary>What is known of a file; another object for each version of it.</summary>
    private sealed class Known(HistoryEntry? entry)
    {
        public HistoryEntry? Entry { get; } = entry;

        public bool IsDamaged { get; init; }

        public bool IsTold { get; init; }
    }
}
