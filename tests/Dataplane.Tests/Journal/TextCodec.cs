using System.Buffers;
using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane.Tests.Journal;

/// <summary>Generations that tests tell apart by number and note, as a line of text.</summary>
internal sealed class TextCodec : IGenerationCodec
{
    public static Generation Of(ulong number, string note = "", ulong term = 0) => new()
    {
        Entry = new HistoryEntry
        {
            Generation = number,
            AcceptedAt = DateTimeOffset.UnixEpoch,
            Caller = "uid=0",
            RequestId = "r",
            Term = term,
            Method = "HostNetwork/Apply",
            Summary = "",
            Note = note,
        },
        Config = HostConfig.Empty,
    };

    public static string? Show(Generation? generation) => generation is null ? null : $"{generation.Number}{generation.Entry.Note}";

    public void Encode(Generation generation, IBufferWriter<byte> output) => output.Write(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{generation.Number} {generation.Entry.Term} {generation.Entry.Note}")));

    public Generation Decode(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span).Split(' ') is [var number, var term, var note] && ulong.TryParse(number, out var parsed)
            ? Of(parsed, note, ulong.Parse(term, CultureInfo.InvariantCulture))
            : throw new InvalidDataException("it is no generation");
}
