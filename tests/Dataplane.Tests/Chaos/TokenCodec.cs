using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>Generations as cloakroom tokens: what is on disk is a number, and the generation itself stays here, with all that is in it.</summary>
internal sealed class TokenCodec : IGenerationCodec
{
    private readonly ConcurrentDictionary<string, Generation> _kept = new(StringComparer.Ordinal);

    public void Encode(Generation generation, IBufferWriter<byte> output)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"token {_kept.Count} of generation {generation.Number}");
        _kept[token] = generation;
        output.Write(Encoding.ASCII.GetBytes(token));
    }

    public Generation Decode(ReadOnlyMemory<byte> bytes) =>
        _kept.TryGetValue(Encoding.ASCII.GetString(bytes.Span), out var generation) ? generation : throw new InvalidDataException("it is no token");
}
