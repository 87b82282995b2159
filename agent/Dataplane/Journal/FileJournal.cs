using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// The journal as four small files in the state folder: <c>desired</c> is in force, <c>desired.next</c> was begun, <c>desired.previous</c>
/// was in force before, <c>term</c> is the highest term seen. One thread uses it.
/// </summary>
/// <remarks>
/// <para>What is promised, and by what it is kept. Intend: the intent is on disk, so <c>desired.next</c> is written to a temporary file,
/// synced, renamed, and the folder is synced. Accept: from now on this generation is in force, and somebody is told so, so the folder is
/// synced: a generation that is only begun is taken back if the next life cannot finish it, as on a host whose uplink comes late, and
/// the older copy is where an unconfirmed one goes back to. A loss of power in the middle may forget any of the two renames. With none
/// kept, the intent is still <c>desired.next</c>, beside the old <c>desired</c>. With only the first, it is too, and the old one is
/// <c>desired.previous</c>. With only the second, it is <c>desired</c>. Abandon: the intent is not found again, so the folder is
/// synced.</para>
/// <para>Between the two renames there is no <c>desired</c>, but <c>desired.next</c> and <c>desired.previous</c>; renamed and not linked,
/// the three are never the same file, so that one bad sector spoils one of them.</para>
/// </remarks>
public sealed class FileJournal : IJournal, IDisposable
{
    internal const string Desired = "desired";
    internal const string Next = "desired.next";
    internal const string Previous = "desired.previous";
    internal const string Term = "term";
    internal const string LockName = "lock";

    private readonly DurableFiles _files;
    private readonly JournalFiles _reader;
    private readonly IGenerationCodec _codec;
    private readonly IDisposable[] _held;
    private bool _isRead;
    private ulong? _inForce;

    /// <summary>What is in <c>desired.next</c>.</summary>
    private ulong? _intent;
    private bool _isRestated;
    private ulong _term;
    private Owed _owed;

    /// <summary>What is in force and not even begun on disk.</summary>
    private Generation? _made;

    /// <summary>The size of an intent that the disk did not take; 0 if it took the last one.</summary>
    private int _refused;

    /// <param name="folder">The state folder; made if it is not there.</param>
    /// <param name="codec">How a generation becomes bytes.</param>
    /// <param name="time">Names files that are put aside.</param>
    /// <exception cref="JournalException">The folder cannot be used, or another agent does.</exception>
    public FileJournal(string folder, IGenerationCodec codec, TimeProvider time)
    {
        Folder? opened = null;
        try
        {
            opened = Folder.Open(folder);
            _held = [opened.Lock(LockName), opened];
        }
        catch (FileException e)
        {
            opened?.Dispose();
            throw e.IsLocked ? StateFailures.InUse(folder, e) : StateFailures.NotWritable(folder, e);
        }

        (_files, _reader, _codec) = Compose(opened, codec, time);
    }

    internal FileJournal(IFolder folder, IGenerationCodec codec, TimeProvider time)
    {
        _held = [];
        (_files, _reader, _codec) = Compose(folder, codec, time);
    }

    /// <remarks>More about the generation in force is known from the intent alone, whatever becomes of that.</remarks>
    public Owed Owed => _made is not null ? Owed.Install : _intent is null || _isRestated ? Owed.Nothing : _owed;

    /// <exception cref="JournalException">A file is there and cannot be read; it was left as it is.</exception>
    public JournalReading Read()
    {
        try
        {
            _files.RemoveLeftovers();
            var reading = _reader.Read();
            (_inForce, _intent, _term) = (reading.InForce?.Number, reading.Begun?.Number, reading.Term);
            _isRead = true;
            return reading;
        }
        catch (FileException e)
        {
            throw e.Operation is "open" or "read" or "stat" or "readdir"
                ? StateFailures.NotReadable(_files.Folder.Path, e)
                : StateFailures.NotWritable(_files.Folder.Path, e);
        }
    }

    public void Intend(Generation intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        RequireRead();
        using var payload = new PooledWriter();
        var line = Encode(intent, payload);
        try
        {
            Settle();
            _files.Replace(Next, line, payload.Written);
        }
        catch (FileException e)
        {
            // On a disk that fails even what was taken back may come again. Before anything else is intended it has to be gone.
            _owed = _intent is null ? Owed.Abandon : _owed;
            _refused = line.Length + payload.Written.Length;
            throw StateFailures.NotWritable(_files.Folder.Path, e);
        }

        (_intent, _isRestated, _refused) = (intent.Number, intent.Number == _inForce, 0);
    }

    public void Accept() => Settle(Owed.Accept);

    public void Abandon() => Settle(Owed.Abandon);

    public void Install(Generation made)
    {
        ArgumentNullException.ThrowIfNull(made);
        RequireRead();
        _made = made;
        try
        {
            Settle();
        }
        catch (FileException e)
        {
            throw StateFailures.NotWritable(_files.Folder.Path, e);
        }
    }

    public void KeepTerm(ulong term)
    {
        RequireRead();
        if (term <= _term)
        {
            return;
        }

        var payload = Encoding.ASCII.GetBytes(term.ToString(CultureInfo.InvariantCulture) + "\n");
        try
        {
            _files.Replace(Term, Frame.Line(Frame.Term, payload), payload);
        }
        catch (FileException e)
        {
            throw StateFailures.NotWritable(_files.Folder.Path, e);
        }

        _term = term;
    }

    public void CatchUp()
    {
        RequireRead();
        try
        {
            Settle();
            if (_refused > 0)
            {
                _files.Try(Next, _refused);
                _refused = 0;
            }
        }
        catch (FileException e)
        {
            throw StateFailures.NotWritable(_files.Folder.Path, e);
        }
    }

    /// <summary>Lets the next agent have the folder.</summary>
    public void Dispose()
    {
        foreach (var held in _held)
        {
            held.Dispose();
        }
    }

    private static (DurableFiles Files, JournalFiles Reader, IGenerationCodec Codec) Compose(
        IFolder folder, IGenerationCodec codec, TimeProvider time)
    {
        var files = new DurableFiles(folder);
        return (files, new JournalFiles(files, codec, new DamagedFiles(files, time)), codec);
    }

    private void Settle(Owed owed)
    {
        RequireRead();
        if (_intent is null)
        {
            if (owed == Owed.Accept)
            {
                throw new InvalidOperationException("Nothing was intended.");
            }

            return;
        }

        _owed = owed;
        try
        {
            Settle();
        }
        catch (FileException e)
        {
            throw StateFailures.NotWritable(_files.Folder.Path, e);
        }
    }

    private byte[] Encode(Generation generation, PooledWriter payload)
    {
        _codec.Encode(generation, payload);
        return Frame.Line(Frame.Generation, payload.Written);
    }

    /// <summary>One after the other: what was made came after the intent.</summary>
    private void Settle()
    {
        SettleIntent();
        if (_made is not null)
        {
            using var payload = new PooledWriter();
            _files.Replace(Next, Encode(_made, payload), payload.Written);
            (_intent, _isRestated, _made, _owed) = (_made.Number, false, null, Owed.Accept);
            SettleIntent();
        }
    }

    private void SettleIntent()
    {
        switch (_owed)
        {
            case Owed.Accept:
                // What became of the generation in force, such as a confirmation, replaces it: the one before stays the one before.
                if (_intent != _inForce)
                {
                    _files.Rename(Desired, Previous);
                }

                _files.Rename(Next, Desired);
                _inForce = _intent;
                _files.SyncIfNeeded();
                break;
            case Owed.Abandon:
                _files.RemoveForGood(Next);
                break;
            default:
                return;
        }

        (_intent, _owed) = (null, Owed.Nothing);
    }

    /// <summary>Otherwise an agent could write over what it never looked at.</summary>
    private void RequireRead()
    {
        if (!_isRead)
        {
            throw new InvalidOperationException("The journal was not read yet.");
        }
    }
}
