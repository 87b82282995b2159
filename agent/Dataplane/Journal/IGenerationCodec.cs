using System.Buffers;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>A generation as bytes, the same ones for the same generation.</summary>
public interface IGenerationCodec
{
    void Encode(Generation generation, IBufferWriter<byte> output);

    /// <exception cref="InvalidDataException">These bytes are no generation that this version can read.</exception>
    Generation Decode(ReadOnlyMemory<byte> bytes);
}
