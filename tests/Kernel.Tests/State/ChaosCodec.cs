using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>Generations of <see cref="ChaosConfig"/>, whole, for the next process to read.</summary>
internal sealed class ChaosCodec : IGenerationCodec
{
    public void Encode(Generation generation, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        JsonSerializer.Serialize(writer, new Written(
            generation.Entry, [.. ChaosConfig.Show(generation.Config)], [.. generation.Undeclared], new(generation.PreviousSettings), generation.Pending));
    }

    public Generation Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var written = JsonSerializer.Deserialize<Written>(bytes.Span) ?? throw new InvalidDataException("it is nothing");
            return new Generation
            {
                Entry = written.Entry,
                Config = ChaosConfig.Read(written.Config),
                Undeclared = [.. written.Undeclared],
                PreviousSettings = written.PreviousSettings.ToImmutableDictionary(StringComparer.Ordinal),
                Pending = written.Pending,
            };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private sealed record Written(
        HistoryEntry Entry, List<string> Config, List<ConfigSection> Undeclared, Dictionary<string, string> PreviousSettings, PendingConfirm? Pending);
}
