using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>
/// The file that answers are appended to, one write each. It is never fsynced. A process that is killed loses nothing that it wrote: the
/// kernel has it. A loss of power does, but it takes the host's network, which the kernel held, with it; a request that comes again then
/// is made again, and to make the same change again is harmless.
/// </summary>
/// <remarks>Not for several threads at once. After an <see cref="IOException"/> the file has what it had before.</remarks>
internal sealed class AnswerFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly FileWrite _write;
    private FileStream _file;

    private AnswerFile(string path, FileWrite write, FileStream file)
    {
        _path = path;
        _write = write;
        _file = file;
    }

    /// <summary>Writes bytes at an offset of a file; a test may have another idea of it.</summary>
    internal delegate void FileWrite(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Where the next record goes.</summary>
    public long Length { get; private set; }

    private SafeFileHandle Handle => _file.SafeFileHandle;

    /// <summary>Opens the file, or makes it with its folder, and reads what is in it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">How it is written to.</param>
    /// <param name="found">Takes each whole record, in the order in which they were appended.</param>
    /// <param name="tidied">Is told how many bytes were cut off at the end, and how many in between are damaged, if any.</param>
    public static AnswerFile Open(string path, FileWrite write, Action<AnswerPlace, byte[]> found, Action<long, long> tidied)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var answers = new AnswerFile(path, write, OpenStream(path, FileMode.OpenOrCreate));
        try
        {
            var scan = new AnswerScan(answers.Handle);
            foreach (var (place, payload) in scan.Records())
            {
                found(place, payload);
            }

            answers.Length = scan.End;
            if (scan.Torn > 0)
            {
                RandomAccess.SetLength(answers.Handle, scan.End);
            }

            if (scan.Torn > 0 || scan.Damaged > 0)
            {
                tidied(scan.Torn, scan.Damaged);
            }

            return answers;
        }
        catch
        {
            answers.Dispose();
            throw;
        }
    }

    public AnswerPlace Append(byte[] payload)
    {
        var place = Write(Handle, payload, Length);
        Length = place.End;
        return place;
    }

    /// <summary>The payload, or null if it is damaged meanwhile.</summary>
    public byte[]? Read(AnswerPlace place) => AnswerScan.Read(Handle, place.FrameStart, Length);

    /// <summary>Writes the file anew with these records only, and says where each is now; null for one that is damaged.</summary>
    public AnswerPlace?[] Keep(IReadOnlyList<AnswerPlace> kept)
    {
        var path = $"{_path}.new";
        var fresh = OpenStream(path, FileMode.Create);
        try
        {
            var places = new AnswerPlace?[kept.Count];
            var length = 0L;
            for (var i = 0; i < places.Length; i++)
            {
                if (Read(kept[i]) is { } payload)
                {
                    var place = Write(fresh.SafeFileHandle, payload, length);
                    length = place.End;
                    places[i] = place;
                }
            }

            File.Move(path, _path, overwrite: true);
            _file.Dispose();
            (_file, Length) = (fresh, length);
            return places;
        }
        catch
        {
            fresh.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private AnswerPlace Write(SafeFileHandle file, byte[] payload, long offset)
    {
        var frame = AnswerFrame.Around(payload);
        try
        {
            _write(file, frame, offset);
        }
        catch (IOException)
        {
            // The half of a record would not hurt, the next one takes its place; but it holds room that a full disk lacks.
            RandomAccess.SetLength(file, offset);
            throw;
        }

        return new AnswerPlace(offset + AnswerFrame.HeaderSize, payload.Length);
    }

    /// <summary>For this process only: two agents in one folder would write over each other's answers.</summary>
    private static FileStream OpenStream(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0, UnixCreateMode = OwnerOnly,
    });
}
