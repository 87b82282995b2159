using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>
/// What tells a request from another one: SHA-256 over its method and its bytes. The bytes are the same for the same request, whoever
/// serialized it: they are written anew here, in the order of the fields; no request has a map, and unknown fields are refused.
/// </summary>
internal readonly record struct Fingerprint(UInt128 High, UInt128 Low)
{
    public const int Size = 32;

    public static Fingerprint Of(string method, IMessage request)
    {
        var nameLength = Encoding.UTF8.GetByteCount(method);
        var length = nameLength + 1 + request.CalculateSize();
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = rented.AsSpan(0, length);
            Encoding.UTF8.GetBytes(method, bytes);
            bytes[nameLength] = 0;
            request.WriteTo(bytes[(nameLength + 1)..]);
            Span<byte> hash = stackalloc byte[Size];
            SHA256.HashData(bytes, hash);
            return Read(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public static Fingerprint Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[(Size / 2)..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[(Size / 2)..], Low);
    }
}
