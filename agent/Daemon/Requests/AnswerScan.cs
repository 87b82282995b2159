using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>Where a whole record's payload stands in the file.</summary>
internal readonly record struct AnswerPlace(long Offset, int Length)
{
    public long FrameStart => Offset - AnswerFrame.HeaderSize;

    public long End => Offset + Length;
}

/// <summary>
/// Reads a file of answers from its beginning. A record that is damaged is passed over: the next one begins at its mark. What stands
/// after the last whole record is what a killed agent did not finish.
/// </summary>
internal sealed class AnswerScan(SafeFileHandle file)
{
    private const int BlockSize = 64 * 1024;

    private readonly long _length = RandomAccess.GetLength(file);

    /// <summary>Where the last whole record ends.</summary>
    public long End { get; private set; }

    /// <summary>How much between whole records is of none.</summary>
    public long Damaged { get; private set; }

    /// <summary>What stands after the last whole record.</summary>
    public long Torn => _length - End;

    public IEnumerable<(AnswerPlace Place, byte[] Payload)> Records()
    {
        for (var at = 0L; at < _length;)
        {
            if (Read(file, at, _length) is not { } payload)
            {
                at = NextMark(at + 1);
                continue;
            }

            Damaged += at - End;
            var place = new AnswerPlace(at + AnswerFrame.HeaderSize, payload.Length);
            at = End = place.End;
            yield return (place, payload);
        }
    }

    /// <summary>The payload of the record that begins here; null if no whole one does.</summary>
    public static byte[]? Read(SafeFileHandle file, long frameStart, long end)
    {
        Span<byte> header = stackalloc byte[AnswerFrame.HeaderSize];
        if (!Fill(file, header, frameStart))
        {
            return null;
        }

        var length = AnswerFrame.LengthIn(header);
        if (length < 0 || length > end - frameStart - AnswerFrame.HeaderSize)
        {
            return null;
        }

        var payload = new byte[length];
        return Fill(file, payload, frameStart + AnswerFrame.HeaderSize) && AnswerFrame.IsWhole(header, payload) ? payload : null;
    }

    private static bool Fill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0)
            {
                return false;
            }

            buffer = buffer[read..];
            offset += read;
        }

        return true;
    }

    private long NextMark(long from)
    {
        var block = new byte[BlockSize];
        while (from < _length)
        {
            var read = RandomAccess.Read(file, block, from);
            var found = block.AsSpan(0, read).IndexOf(AnswerFrame.Mark);
            if (found >= 0)
            {
                return from + found;
            }

            if (read < AnswerFrame.Mark.Length)
            {
                break;
            }

            // A mark may stand across two blocks.
            from += read - (AnswerFrame.Mark.Length - 1);
        }

        return _length;
    }
}
