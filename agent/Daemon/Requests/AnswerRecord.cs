using System.Text;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>An answer with the request that it is of, and how the two are written as one record of the file.</summary>
internal sealed record AnswerRecord(string RequestId, string Method, Fingerprint Request, Answer Answer)
{
    private const byte Version = 1;
    private const byte OfMessage = 1;
    private const byte OfStatus = 2;

    public byte[] Encode()
    {
        var size = Answer is MessageAnswer { Message.Length: var length } ? length : 0;
        using var stream = new MemoryStream(size + 512);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        Span<byte> hash = stackalloc byte[Fingerprint.Size];
        Request.Write(hash);
        writer.Write(hash);
        writer.Write(RequestId);
        writer.Write(Method);
        if (Answer is StatusAnswer status)
        {
            writer.Write(OfStatus);
            writer.Write(status.Code);
            writer.Write(status.Detail);
            writer.Write(status.Trailers.Count);
            foreach (var trailer in status.Trailers)
            {
                writer.Write(trailer.Key);
                Write(writer, trailer.Value.Span);
            }
        }
        else
        {
            writer.Write(OfMessage);
            Write(writer, ((MessageAnswer)Answer).Message.Span);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">These bytes are no record that this version can read.</exception>
    public static AnswerRecord Decode(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload, writable: false), Encoding.UTF8);
        try
        {
            if (reader.ReadByte() != Version)
            {
                throw new InvalidDataException("an answer of another version of the agent");
            }

            var request = Fingerprint.Read(Read(reader, Fingerprint.Size));
            var (id, method) = (reader.ReadString(), reader.ReadString());
            return new AnswerRecord(id, method, request, reader.ReadByte() switch
            {
                OfMessage => new MessageAnswer(Read(reader, reader.ReadInt32())),
                OfStatus => ReadStatus(reader),
                var other => throw new InvalidDataException($"an answer of the unknown kind {other}"),
            });
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("an answer that ends too early", e);
        }
    }

    private static StatusAnswer ReadStatus(BinaryReader reader)
    {
        var (code, detail) = (reader.ReadInt32(), reader.ReadString());
        var trailers = new List<AnswerTrailer>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            trailers.Add(new AnswerTrailer(reader.ReadString(), Read(reader, reader.ReadInt32())));
        }

        return new StatusAnswer(code, detail, trailers);
    }

    private static void Write(BinaryWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] Read(BinaryReader reader, int length)
    {
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new EndOfStreamException();
    }
}
