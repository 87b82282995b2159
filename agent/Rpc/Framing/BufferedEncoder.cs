using System.Buffers;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Framing;

/// <summary>
/// Serializes messages into frames in a pooled buffer: for the client, which hands a stream whole frames, and wherever the
/// length is not known before the payload (compression, marshallers that do not announce it).
/// </summary>
internal sealed class BufferedEncoder(int limit) : SerializationContext, IDisposable
{
    private readonly PooledBuffer _buffer = new();
    private PooledBuffer? _deflated;
    private bool _complete;

    /// <summary>The frame, or the frames, written since <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.Written;

    public void Clear() => _buffer.Clear();

    /// <summary>Appends one message as a frame.</summary>
    public void Encode<T>(T message, Marshaller<T> marshaller, bool compress)
    {
        var start = _buffer.Length;
        _buffer.GetSpan(Frame.HeaderLength);
        _buffer.Advance(Frame.HeaderLength);
        _complete = false;
        marshaller.ContextualSerializer(message, this);
        if (!_complete)
        {
            throw new InvalidOperationException($"The marshaller of {typeof(T)} did not complete its message.");
        }

        var payload = _buffer.Written[(start + Frame.HeaderLength)..];
        if (payload.Length > limit)
        {
            _buffer.Clear();
            throw FrameException.TooLarge("sending", payload.Length, limit);
        }

        // GZipStream makes nothing of nothing, which is no gzip to anybody else.
        compress &= payload.Length > 0;
        if (compress)
        {
            _deflated ??= new PooledBuffer();
            _deflated.Clear();
            Gzip.Compress(payload, _deflated);
            _buffer.Truncate(start + Frame.HeaderLength);
            _buffer.Write(_deflated.Span);
        }

        Frame.WriteHeader(_buffer.Span[start..], compress, _buffer.Length - start - Frame.HeaderLength);
    }

    public override void SetPayloadLength(int payloadLength)
    {
        if (payloadLength > limit)
        {
            throw FrameException.TooLarge("sending", payloadLength, limit);
        }

        _buffer.Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => _buffer;

    public override void Complete() => _complete = true;

    public override void Complete(byte[] payload)
    {
        _buffer.Write(payload);
        _complete = true;
    }

    public void Dispose()
    {
        _buffer.Dispose();
        _deflated?.Dispose();
    }
}
