using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// A kept generation as a file: the first line as in all files here, then gzip of the generation without its config, with its length
/// before it, and of the whole one. So who asks for the entries of many does not decode the config of each.
/// </summary>
internal static class GenerationFile
{
    private const int Digits = 10;

    /// <summary>Ten digits, so that names sort as numbers do.</summary>
    public static string NameOf(ulong number) => number.ToString($"D{Digits}", CultureInfo.InvariantCulture);

    /// <summary>Null for what is no generation's file.</summary>
    public static ulong? NumberOf(string name) =>
        ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && NameOf(number) == name ? number : null;

    public static byte[] Compress(Generation generation, IGenerationCodec codec)
    {
        using var head = new PooledWriter();
        codec.Encode(new Generation { Entry = generation.Entry, Config = HostConfig.Empty }, head);
        using var whole = new PooledWriter();
        codec.Encode(generation, whole);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, head.Written.Length);
            gzip.Write(length);
            gzip.Write(head.Written);
            gzip.Write(whole.Written);
        }

        return compressed.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    /// <exception cref="NewerFormatException">It is what a newer agent wrote.</exception>
    public static HistoryEntry ReadEntry(byte[] file, ulong number, IGenerationCodec codec)
    {
        using var gzip = Open(file);
        return Checked(codec.Decode(ReadHead(gzip)), number).Entry;
    }

    /// <inheritdoc cref="ReadEntry"/>
    public static Generation ReadWhole(byte[] file, ulong number, IGenerationCodec codec)
    {
        using var gzip = Open(file);
        ReadHead(gzip);
        using var whole = new MemoryStream();
        gzip.CopyTo(whole);
        return Checked(codec.Decode(whole.GetBuffer().AsMemory(0, (int)whole.Length)), number);
    }

    private static GZipStream Open(byte[] file)
    {
        var payload = Frame.Open(Frame.History, file);
        return new GZipStream(new MemoryStream(file, file.Length - payload.Length, payload.Length, writable: false), CompressionMode.Decompress);
    }

    private static byte[] ReadHead(GZipStream gzip)
    {
        try
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            gzip.ReadExactly(length);
            var size = BinaryPrimitives.ReadInt32LittleEndian(length);
            if (size is < 0 or > 1 << 20)
            {
                throw new InvalidDataException($"its entry would have {size} bytes");
            }

            var head = new byte[size];
            gzip.ReadExactly(head);
            return head;
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("it ends early", e);
        }
    }

    private static Generation Checked(Generation generation, ulong number) => generation.Number == number
        ? generation
        : throw new InvalidDataException($"it is generation {generation.Number}");
}
