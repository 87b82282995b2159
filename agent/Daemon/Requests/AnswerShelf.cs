using System.Diagnostics.CodeAnalysis;
using Cloudbr.Agent.Daemon.Logging;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>
/// The newest answers, as many as the limits allow. They lie in the file; memory has only where each is, and those that could not be
/// written. Whatever happens to the file, an answer is taken: its change has happened.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class AnswerShelf : IDisposable
{
    /// <summary>Answers that are forgotten stay in the file for a while; so many times the living ones, and it is written anew.</summary>
    private const int MostDead = 4;

    private readonly Dictionary<string, Entry> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _methods = new(StringComparer.Ordinal);
    private readonly Queue<Entry> _byAge = new();
    private readonly Queue<Entry> _unwritten = new();
    private readonly string _path;
    private readonly AnswerLimits _limits;
    private readonly ILogger _log;
    private AnswerFile? _file;
    private long _unwrittenBytes;
    private int _recordsInFile;
    private bool _failing;

    public AnswerShelf(string path, AnswerLimits limits, ILogger log)
    {
        _path = path;
        _limits = limits;
        _log = log;

        // Nothing is made on disk before there is something to remember.
        if (File.Exists(path))
        {
            Guard(Open);
        }
    }

    public int Count => _byId.Count;

    /// <summary>The request that had this id, if its answer is remembered.</summary>
    public bool TryFind(string id, out Fingerprint request, [NotNullWhen(true)] out string? method)
    {
        var found = _byId.TryGetValue(id, out var entry);
        (request, method) = found ? (entry!.Request, entry.Method) : default;
        return found;
    }

    /// <summary>The answer that was given; null if it cannot be read any more, and then it is forgotten.</summary>
    public Answer? Read(string id)
    {
        var entry = _byId[id];
        string reason;
        try
        {
            if ((entry.Unwritten ?? _file?.Read(entry.Place)) is { } payload)
            {
                return AnswerRecord.Decode(payload).Answer;
            }

            reason = "it is damaged";
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            reason = e.Message;
        }

        AnswerLog.CannotRead(_log, id, _path, reason);
        Forget(entry);
        return null;
    }

    public void Add(AnswerRecord record)
    {
        var payload = record.Encode();
        if (payload.Length + AnswerFrame.HeaderSize > _limits.MostFileBytes / 2)
        {
            AnswerLog.TooLong(_log, record.RequestId, payload.Length);
            return;
        }

        var entry = new Entry(record.RequestId, NameOf(record.Method), record.Request);
        if (!Guard(() => Write(entry, payload)))
        {
            Hold(entry, payload);
        }

        Put(entry);
    }

    public void Dispose() => _file?.Dispose();

    private void Open()
    {
        // What came while the file could not be opened is newer than what is in it.
        var newer = _byAge.ToArray();
        _byAge.Clear();
        _byId.Clear();
        _recordsInFile = 0;
        try
        {
            _file = AnswerFile.Open(_path, _limits.Write, TakeIn, Tell);
        }
        finally
        {
            Array.ForEach(newer, Put);
        }
    }

    private void TakeIn(AnswerPlace place, byte[] payload)
    {
        _recordsInFile++;
        try
        {
            var record = AnswerRecord.Decode(payload);
            Put(new Entry(record.RequestId, NameOf(record.Method), record.Request) { Place = place });
        }
        catch (InvalidDataException e)
        {
            AnswerLog.CannotRead(_log, "a request", _path, e.Message);
        }
    }

    private void Tell(long torn, long damaged)
    {
        if (torn > 0)
        {
            AnswerLog.TailCut(_log, _path, torn);
        }

        if (damaged > 0)
        {
            AnswerLog.Damaged(_log, _path, damaged);
        }
    }

    private void Write(Entry entry, byte[] payload)
    {
        if (_file is null)
        {
            Open();
        }

        while (_unwritten.TryPeek(out var earlier))
        {
            if (earlier.Unwritten is { } held)
            {
                earlier.Place = Append(held);
                Drop(earlier);
            }

            _unwritten.Dequeue();
        }

        entry.Place = Append(payload);
    }

    private AnswerPlace Append(byte[] payload)
    {
        if (_file!.Length + AnswerFrame.HeaderSize + payload.Length > _limits.MostFileBytes || _recordsInFile >= MostDead * _limits.MostAnswers)
        {
            Compact();
        }

        var place = _file.Append(payload);
        _recordsInFile++;
        return place;
    }

    /// <summary>
    /// Writes the file anew with what lives, or the newest half of the room. That is done once in as many bytes as it makes room for, so
    /// it needs no thread of its own.
    /// </summary>
    private void Compact()
    {
        var room = _limits.MostFileBytes / 2;
        var kept = new List<Entry>();
        var old = new List<Entry>();
        foreach (var entry in _byAge.Reverse().Where(e => e.Unwritten is null && IsCurrent(e)))
        {
            room -= entry.Place.Length + AnswerFrame.HeaderSize;
            (room >= 0 ? kept : old).Add(entry);
        }

        kept.Reverse();
        var places = _file!.Keep([.. kept.Select(e => e.Place)]);
        _recordsInFile = kept.Count;
        old.ForEach(Forget);
        for (var i = 0; i < kept.Count; i++)
        {
            if (places[i] is { } place)
            {
                kept[i].Place = place;
            }
            else
            {
                Forget(kept[i]);
            }
        }
    }

    /// <summary>Keeps what could not be written, the newest, as much as memory is given for it.</summary>
    private void Hold(Entry entry, byte[] payload)
    {
        entry.Unwritten = payload;
        _unwrittenBytes += payload.Length;
        _unwritten.Enqueue(entry);
        while (_unwrittenBytes > _limits.MostUnwrittenBytes || _unwritten.TryPeek(out var oldest) && oldest.IsForgotten)
        {
            Forget(_unwritten.Dequeue());
        }
    }

    private void Put(Entry entry)
    {
        if (entry.IsForgotten)
        {
            return;
        }

        if (_byId.TryGetValue(entry.Id, out var earlier))
        {
            Forget(earlier);
        }

        _byId[entry.Id] = entry;
        _byAge.Enqueue(entry);
        while (_byAge.Count > _limits.MostAnswers)
        {
            Forget(_byAge.Dequeue());
        }
    }

    private void Forget(Entry entry)
    {
        if (IsCurrent(entry))
        {
            _byId.Remove(entry.Id);
        }

        Drop(entry);
        entry.IsForgotten = true;
    }

    private void Drop(Entry entry)
    {
        _unwrittenBytes -= entry.Unwritten?.Length ?? 0;
        entry.Unwritten = null;
    }

    private bool IsCurrent(Entry entry) => _byId.TryGetValue(entry.Id, out var current) && ReferenceEquals(current, entry);

    /// <summary>There are few methods and many requests.</summary>
    private string NameOf(string method)
    {
        if (_methods.TryGetValue(method, out var known))
        {
            return known;
        }

        _methods.Add(method);
        return method;
    }

    /// <summary>Whether it could be done. An operator is told when it begins to fail and when that is over, not each time.</summary>
    private bool Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failing)
            {
                AnswerLog.CannotWrite(_log, _path, e.Message);
            }

            _failing = true;
            return false;
        }

        if (_failing)
        {
            AnswerLog.WritesAgain(_log, _path);
        }

        _failing = false;
        return true;
    }

    private sealed class Entry(string id, string method, Fingerprint request)
    {
        public string Id { get; } = id;

        public string Method { get; } = method;

        public Fingerprint Request { get; } = request;

        public AnswerPlace Place { get; set; }

        /// <summary>The record, as long as it is not in the file.</summary>
        public byte[]? Unwritten { get; set; }

        public bool IsForgotten { get; set; }
    }
}
