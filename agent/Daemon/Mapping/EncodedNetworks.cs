using System.Buffers;
using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Config;
using Google.Protobuf;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>
/// The networks of one config as they stand in a HostConfig message, sorted by id. Those of the next config are made from it: of
/// thousands of networks nearly all are the same objects as before, and their bytes are only copied.
/// </summary>
internal sealed class EncodedNetworks
{
    public static readonly EncodedNetworks None = new(HostConfig.Empty.Networks, [], ReadOnlyMemory<byte>.Empty);

    private static readonly uint Tag = WireFormat.MakeTag(V1.HostConfig.NetworksFieldNumber, WireFormat.WireType.LengthDelimited);

    private readonly ImmutableDictionary<string, Network> _source;
    private readonly Part[] _parts;
    private readonly ReadOnlyMemory<byte> _bytes;

    private EncodedNetworks(ImmutableDictionary<string, Network> source, Part[] parts, ReadOnlyMemory<byte> bytes)
    {
        _source = source;
        _parts = parts;
        _bytes = bytes;
    }

    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    public EncodedNetworks Of(ImmutableDictionary<string, Network> networks)
    {
        if (ReferenceEquals(networks, _source))
        {
            return this;
        }

        var now = new Network?[_parts.Length];
        var kept = 0;
        for (var i = 0; i < now.Length; i++)
        {
            if (networks.TryGetValue(_parts[i].Network.Id, out now[i]))
            {
                kept++;
            }
        }

        return Merge(networks, now, kept == networks.Count ? [] : Added(networks));
    }

    private Network[] Added(ImmutableDictionary<string, Network> networks)
    {
        var added = new List<Network>();
        foreach (var (id, network) in networks)
        {
            if (!_source.ContainsKey(id))
            {
                added.Add(network);
            }
        }

        added.Sort(static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        return [.. added];
    }

    /// <param name="networks">The next ones.</param>
    /// <param name="now">For each of ours what became of it; null if it is gone.</param>
    /// <param name="added">Those that are new, sorted.</param>
    private EncodedNetworks Merge(ImmutableDictionary<string, Network> networks, Network?[] now, ReadOnlySpan<Network> added)
    {
        var parts = new Part[networks.Count];
        var output = new ArrayBufferWriter<byte>(Math.Max(_bytes.Length + (128 * added.Length), 256));
        var count = 0;
        for (var i = 0; i < now.Length; i++)
        {
            while (added.Length > 0 && string.CompareOrdinal(added[0].Id, _parts[i].Network.Id) < 0)
            {
                Append(added[0]);
                added = added[1..];
            }

            if (ReferenceEquals(now[i], _parts[i].Network))
            {
                output.Write(_bytes.Span[(i == 0 ? 0 : _parts[i - 1].End).._parts[i].End]);
                parts[count++] = new Part(_parts[i].Network, output.WrittenCount);
            }
            else if (now[i] is { } changed)
            {
                Append(changed);
            }
        }

        foreach (var network in added)
        {
            Append(network);
        }

        // It stays as long as this config does: without the room to grow.
        return new EncodedNetworks(networks, parts, output.WrittenSpan.ToArray());

        void Append(Network network)
        {
            NetworkMapping.ToMessage(network).WriteField(Tag, output);
            parts[count++] = new Part(network, output.WrittenCount);
        }
    }

    /// <param name="Network">Whose bytes they are.</param>
    /// <param name="End">Where they end; they begin where those before end.</param>
    private readonly record struct Part(Network Network, int End);
}
