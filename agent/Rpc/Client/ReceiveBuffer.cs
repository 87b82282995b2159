using System.Buffers;
using Cloudbr.Agent.Rpc.Framing;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>What arrived of a response and is not used yet. Grows with the message, and with the pace of a busy stream.</summary>
internal sealed class ReceiveBuffer(int limit) : IDisposable
{
    private const int FirstSize = 4 * 1024;
    private const int BusySize = 64 * 1024;

    private byte[] _array = [];
    private int _start;
    private int _end;
    private int _wanted;

    public bool IsEmpty => _start == _end;

    /// <summary>Takes one message; it is valid until <see cref="Space"/> is called.</summary>
    public bool TryTake(out Frame frame)
    {
        frame = default;
        var available = _end - _start;
        if (available < Frame.HeaderLength)
        {
            return false;
        }

        var (compressed, length) = Frame.ReadHeader(_array.AsSpan(_start), limit);
        if (available - Frame.HeaderLength < length)
        {
            _wanted = checked(Frame.HeaderLength + length);
            return false;
        }

        frame = new Frame(compressed, new ReadOnlySequence<byte>(_array, _start + Frame.HeaderLength, length));
        _start += Frame.HeaderLength + length;
        _wanted = 0;
        return true;
    }

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Space()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        // A read that filled everything says that more is waiting.
        var full = _end == _array.Length && _array.Length > 0;
        var size = Math.Max(_wanted, _array.Length switch
        {
            0 => FirstSize,
            < BusySize when full => _array.Length * 2,
            var length => length,
        });
        if (size > _array.Length)
        {
            MoveTo(ArrayPool<byte>.Shared.Rent(size));
        }
        else if (_start > 0 && _array.Length - _end < Math.Max(size / 2, _wanted - (_end - _start)))
        {
            MoveTo(_array);
        }

        return _array.AsMemory(_end);
    }

    public void Filled(int count) => _end += count;

    public void Dispose()
    {
        Return();
        _array = [];
        _start = _end = 0;
    }

    private void MoveTo(byte[] target)
    {
        _array.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        if (!ReferenceEquals(target, _array))
        {
            Return();
            _array = target;
        }
    }

    private void Return()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
    }
}
