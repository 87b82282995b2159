using System.Buffers;
using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Framing;

/// <summary>Turns frames into messages: decompresses where needed and hands the payload to the marshaller where it lies.</summary>
internal sealed class MessageDecoder(string? encoding, int limit) : DeserializationContext, IDisposable
{
    private ReadOnlySequence<byte> _payload;
    private PooledBuffer? _inflated;

    /// <summary>The longest message accepted, before and after decompression.</summary>
    public int Limit { get; } = limit;

    public bool LastCompressed { get; private set; }

    public override int PayloadLength => (int)_payload.Length;

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    public T Decode<T>(in Frame frame, Marshaller<T> marshaller)
    {
        LastCompressed = frame.Compressed;
        _payload = frame.Compressed ? Inflate(frame.Payload) : frame.Payload;
        try
        {
            return marshaller.ContextualDeserializer(this)
                ?? throw FrameException.Malformed($"message could not be read as {typeof(T).Name}");
        }
        catch (Exception e) when (e is not FrameException)
        {
            throw FrameException.Malformed($"message could not be read as {typeof(T).Name}: {e.Message}");
        }
        finally
        {
            _payload = default;
        }
    }

    public void Dispose()
    {
        _inflated?.Dispose();
        _inflated = null;
    }

    private ReadOnlySequence<byte> Inflate(in ReadOnlySequence<byte> payload)
    {
        if (encoding is null or GrpcHeaders.Identity)
        {
            throw FrameException.Malformed("message is marked as compressed, and the call names no grpc-encoding");
        }

        _inflated ??= new PooledBuffer();
        _inflated.Clear();
        Gzip.Decompress(payload, _inflated, Limit);
        return new ReadOnlySequence<byte>(_inflated.Written);
    }
}
