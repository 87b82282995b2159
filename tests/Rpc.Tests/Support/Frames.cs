using System.IO.Compression;
using Cloudbr.Agent.Rpc.Framing;
using Google.Protobuf;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>Frames made by hand, and the marshaller whose messages are plain bytes.</summary>
internal static class Frames
{
    public static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(static b => b, static b => b);

    public static byte[] Of(byte[] payload, bool compressed = false) => [.. Header(payload.Length, compressed ? (byte)1 : (byte)0), .. payload];

    public static byte[] Of(Note note) => Of(note.ToByteArray());

    public static byte[] Header(long length, byte flag = 0) =>
        [flag, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];

    public static byte[] Gzipped(byte[] payload)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(payload);
        }

        return target.ToArray();
    }

    /// <summary>Bytes that do not compress, the same for the same arguments.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static FrameException Refusal(Action action) => Assert.Throws<FrameException>(action)!;
}
