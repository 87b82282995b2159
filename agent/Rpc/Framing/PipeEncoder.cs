using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Framing;

/// <summary>
/// Serializes messages straight into the pipe of a response: the header first, since the length is announced, then the
/// payload, block by block, with no copy in between.
/// </summary>
internal sealed class PipeEncoder(PipeWriter pipe, int limit) : SerializationContext, IBufferWriter<byte>, IDisposable
{
    // What a pipe's blocks hold; asking for more would make it allocate a block for this message alone.
    private const int BlockLength = 4096;

    private BufferedEncoder? _compressed;
    private PooledBuffer? _unannounced;
    private Memory<byte> _block;
    private int _used;
    private int _length;
    private int _missing;
    private State _state;
    private bool _begun;
    private bool _broken;

    private enum State
    {
        Idle,
        Announced,
        Complete,
        Unannounced,
    }

    /// <summary>Bytes in the pipe that no flush has taken yet.</summary>
    public int Unflushed { get; set; }

    /// <summary>Whether the pipe has been given anything, be it half a message that broke off.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Writes one message into the pipe, without flushing it.</summary>
    public void Encode<T>(T message, Marshaller<T> marshaller, bool compress)
    {
        if (_broken)
        {
            throw new InvalidOperationException("An earlier message broke off half-way, so nothing can follow it.");
        }

        if (compress)
        {
            _compressed ??= new BufferedEncoder(limit);
            _compressed.Clear();
            _compressed.Encode(message, marshaller, compress: true);
            pipe.Write(_compressed.Written.Span);
            Unflushed += _compressed.Written.Length;
            HasWritten = true;
            return;
        }

        _state = State.Idle;
        _begun = false;
        try
        {
            marshaller.ContextualSerializer(message, this);
        }
        finally
        {
            _broken = _begun && _state != State.Complete;
        }

        if (_state != State.Complete)
        {
            throw new InvalidOperationException($"The marshaller of {typeof(T)} did not complete its message.");
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        if (payloadLength > limit)
        {
            throw FrameException.TooLarge("sending", payloadLength, limit);
        }

        _block = pipe.GetMemory(Math.Min(Frame.HeaderLength + payloadLength, BlockLength));
        Frame.WriteHeader(_block.Span, compressed: false, payloadLength);
        _used = Frame.HeaderLength;
        _length = _missing = payloadLength;
        _state = State.Announced;
    }

    /// <summary>Without an announced length the payload is built aside, since the header comes first.</summary>
    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_state == State.Announced)
        {
            return this;
        }

        _state = State.Unannounced;
        _unannounced ??= new PooledBuffer();
        _unannounced.Clear();
        return _unannounced;
    }

    public override void Complete()
    {
        if (_state == State.Unannounced)
        {
            SetPayloadLength(_unannounced!.Length);
            this.Write(_unannounced.Span);
        }
        else if (_state == State.Idle)
        {
            SetPayloadLength(0);
        }

        if (_missing != 0)
        {
            throw new InvalidOperationException($"A message announced {_missing} more bytes than it wrote.");
        }

        AdvancePipe();
        _block = default;
        Unflushed += Frame.HeaderLength + _length;
        _state = State.Complete;
    }

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        this.Write(payload);
        Complete();
    }

    public void Advance(int count)
    {
        if (count > _missing)
        {
            throw new InvalidOperationException($"A message wrote {count - _missing} more bytes than it announced.");
        }

        _used += count;
        _missing -= count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_block.Length - _used < Math.Max(sizeHint, 1))
        {
            AdvancePipe();
            _block = pipe.GetMemory(Math.Max(sizeHint, Math.Min(_missing, BlockLength)));
        }

        return _block[_used..];
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        _compressed?.Dispose();
        _unannounced?.Dispose();
    }

    private void AdvancePipe()
    {
        pipe.Advance(_used);
        _used = 0;
        _begun = true;
        HasWritten = true;
    }
}
