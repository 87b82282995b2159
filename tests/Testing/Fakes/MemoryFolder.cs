using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Testing.Fakes;

/// <summary>The machine was stopped in the middle of what it did.</summary>
public sealed class MachineStoppedException : Exception;

/// <summary>What a loss of power makes of bytes that were not synced.</summary>
public enum UnsyncedBytes
{
    Lost,
    Torn,
    Zeroed,
    Kept,
}

/// <summary>
/// A folder that forgets: what was not synced a loss of power undoes, each change of a name for itself, in any order. The machine can be
/// stopped before any of its operations, and any of them can be made to fail. Several threads may use it.
/// </summary>
public sealed class MemoryFolder : IFolder
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Contents> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Contents> _synced = new(StringComparer.Ordinal);

    /// <summary>Changes of names since the last sync: who lost a name, who got one.</summary>
    private readonly List<(string? Gone, string? Given, Contents? To)> _unsynced = [];

    public string Path => "/state";

    /// <summary>Those so far; a write counts for two, the second for its second half.</summary>
    public int Operations { get; private set; }

    /// <summary>The machine stops before this operation.</summary>
    public int? StopsBefore { get; set; }

    /// <summary>The error number of an operation on a name; null to let it be.</summary>
    public Func<string, string, int?>? Fails { get; set; }

    /// <summary>How many changes of names a loss of power could undo.</summary>
    public int Unsynced => _unsynced.Count;

    /// <summary>Every name with what is in the file.</summary>
    public IReadOnlyDictionary<string, byte[]> Files
    {
        get
        {
            lock (_gate)
            {
                return _names.ToDictionary(n => n.Key, n => n.Value.Bytes);
            }
        }
    }

    public IReadOnlyList<string> Names()
    {
        using var turn = _gate.EnterScope();
        Begin("readdir", "");
        return [.. _names.Keys];
    }

    public byte[]? Read(string name)
    {
        using var turn = _gate.EnterScope();
        Begin("read", name);
        return _names.TryGetValue(name, out var file) ? file.Bytes : null;
    }

    public IFileWriter Create(string name)
    {
        using var turn = _gate.EnterScope();
        Begin("open", name);
        var file = new Contents();
        Change(null, name, file);
        return new Writer(this, name, file);
    }

    public bool Rename(string name, string newName)
    {
        using var turn = _gate.EnterScope();
        Begin("rename", name);
        if (!_names.TryGetValue(name, out var file))
        {
            return false;
        }

        // As rename(2): two names of one file stay as they are.
        if (_names.GetValueOrDefault(newName) != file)
        {
            Change(name, newName, file);
        }

        return true;
    }

    public bool Link(string name, string second)
    {
        using var turn = _gate.EnterScope();
        Begin("link", name);
        if (!_names.TryGetValue(name, out var file))
        {
            return false;
        }

        if (_names.ContainsKey(second))
        {
            throw new FileException("link", $"{Path}/{name}", 17);
        }

        Change(null, second, file);
        return true;
    }

    public bool Remove(string name)
    {
        using var turn = _gate.EnterScope();
        Begin("unlink", name);
        if (!_names.ContainsKey(name))
        {
            return false;
        }

        Change(name, null, null);
        return true;
    }

    public void Sync()
    {
        using var turn = _gate.EnterScope();
        Begin("fsync", "");
        foreach (var change in _unsynced)
        {
            Apply(_synced, change);
        }

        _unsynced.Clear();
    }

    /// <summary>Puts a file there, as if it had always been there.</summary>
    public void Put(string name, byte[] bytes)
    {
        var file = new Contents { Bytes = bytes, SyncedBytes = bytes };
        _names[name] = file;
        _synced[name] = file;
    }

    /// <summary>The folder as the next process finds it when only this one died.</summary>
    public MemoryFolder AfterCrash()
    {
        var next = new MemoryFolder();
        foreach (var (name, file) in _names)
        {
            next.Put(name, file.Bytes);
        }

        return next;
    }

    /// <summary>The folder after a loss of power that left those changes of names whose bits are set.</summary>
    public MemoryFolder AfterPowerLoss(int kept, UnsyncedBytes bytes)
    {
        var names = new Dictionary<string, Contents>(_synced, StringComparer.Ordinal);
        for (var i = 0; i < _unsynced.Count; i++)
        {
            if ((kept & (1 << i)) != 0)
            {
                Apply(names, _unsynced[i]);
            }
        }

        var next = new MemoryFolder();
        foreach (var (name, file) in names)
        {
            next.Put(name, file.AfterPowerLoss(bytes));
        }

        return next;
    }

    private static void Apply(Dictionary<string, Contents> names, (string? Gone, string? Given, Contents? To) change)
    {
        if (change.Gone is { } gone)
        {
            names.Remove(gone);
        }

        if (change.Given is { } given)
        {
            names[given] = change.To!;
        }
    }

    private void Change(string? gone, string? given, Contents? to)
    {
        _unsynced.Add((gone, given, to));
        Apply(_names, _unsynced[^1]);
    }

    private void Begin(string operation, string name)
    {
        if (Operations >= StopsBefore)
        {
            throw new MachineStoppedException();
        }

        Operations++;
        if (Fails?.Invoke(operation, name) is { } number)
        {
            throw new FileException(operation, name.Length == 0 ? Path : $"{Path}/{name}", number);
        }
    }

    private sealed class Contents
    {
        public byte[] Bytes { get; set; } = [];

        public byte[] SyncedBytes { get; set; } = [];

        public byte[] AfterPowerLoss(UnsyncedBytes bytes) => ReferenceEquals(Bytes, SyncedBytes) ? Bytes : bytes switch
        {
            UnsyncedBytes.Lost => SyncedBytes,
            UnsyncedBytes.Torn => Bytes[..(Bytes.Length / 2)],
            UnsyncedBytes.Zeroed => new byte[Bytes.Length],
            _ => Bytes,
        };
    }

    private sealed class Writer(MemoryFolder folder, string name, Contents file) : IFileWriter
    {
        public void Write(ReadOnlySpan<byte> bytes)
        {
            using var turn = folder._gate.EnterScope();
            folder.Begin("write", name);
            file.Bytes = [.. file.Bytes, .. bytes[..(bytes.Length / 2)]];
            folder.Begin("write", name);
            file.Bytes = [.. file.Bytes, .. bytes[(bytes.Length / 2)..]];
        }

        public void Sync()
        {
            using var turn = folder._gate.EnterScope();
            folder.Begin("fsync", name);
            file.SyncedBytes = file.Bytes;
        }

        public void Dispose()
        {
        }
    }
}
