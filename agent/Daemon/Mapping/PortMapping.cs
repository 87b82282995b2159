using System.Buffers.Binary;
using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class PortMapping
{
    public static Port ToModel(V1.Port port, FieldPath path, RequestErrors errors) => new()
    {
        NicId = port.NicId,
        DisplayName = port.DisplayName,
        Network = port.NetworkId,
        Device = port.Device,
        Mac = errors.RequiredMac(port.Mac, path, "mac") ?? Unread(path),
        Addresses = PrefixMapping.ToModel(port.Addresses, path, "addresses", errors),
        IsTrusted = port.Trusted,
        Security = SecurityMapping.ToModel(port.Security, path, errors),
        AllowedPairs = ToPairs(port, path, errors),
        IsIsolated = port.Isolation switch
        {
            V1.PortIsolation.Unspecified or V1.PortIsolation.Promiscuous => false,
            V1.PortIsolation.Isolated => true,
            var other => errors.UnknownValue((int)other, nameof(V1.PortIsolation), new FieldPath($"{path}.isolation"), false),
        },
        RateLimit = port.RateLimit is { } limit ? new RateLimit(ToModel(limit.ToGuest), ToModel(limit.FromGuest)) : null,
    };

    public static V1.Port ToMessage(Port port)
    {
        var message = new V1.Port
        {
            NicId = port.NicId,
            DisplayName = port.DisplayName,
            NetworkId = port.Network,
            Device = port.Device,
            Mac = port.Mac.ToString(),
            Trusted = port.IsTrusted,
            Security = SecurityMapping.ToMessage(port.Security),
            Isolation = port.IsIsolated ? V1.PortIsolation.Isolated : V1.PortIsolation.Promiscuous,
            RateLimit = port.RateLimit is { } limit ? new V1.RateLimit { ToGuest = ToMessage(limit.ToGuest), FromGuest = ToMessage(limit.FromGuest) } : null,
        };
        PrefixMapping.Add(port.Addresses, message.Addresses);
        foreach (var (mac, addresses, allowsVrrp) in port.AllowedPairs)
        {
            var pair = new V1.AllowedPair { Mac = mac?.ToString() ?? "", AllowVrrp = allowsVrrp };
            PrefixMapping.Add(addresses, pair.Addresses);
            message.AllowedPairs.Add(pair);
        }

        return message;
    }

    private static ValueList<AllowedPair> ToPairs(V1.Port port, FieldPath path, RequestErrors errors)
    {
        if (port.AllowedPairs.Count == 0)
        {
            return default;
        }

        var pairs = ImmutableArray.CreateBuilder<AllowedPair>(port.AllowedPairs.Count);
        for (var i = 0; i < port.AllowedPairs.Count; i++)
        {
            var (pair, here) = (port.AllowedPairs[i], new FieldPath($"{path}.allowed_pairs", i));
            pairs.Add(new AllowedPair(
                errors.Mac(pair.Mac, here, "mac"), PrefixMapping.ToModel(pair.Addresses, here, "addresses", errors), pair.AllowVrrp));
        }

        return new ValueList<AllowedPair>(pairs.MoveToImmutable());
    }

    private static Rate? ToModel(V1.Rate? rate) => rate is null ? null : new Rate(
        Numbers.ToModel(rate.RateBps), rate.HasBurstBytes ? Numbers.ToModel(rate.BurstBytes) : null);

    private static V1.Rate? ToMessage(Rate? rate)
    {
        if (rate is null)
        {
            return null;
        }

        var message = new V1.Rate { RateBps = (ulong)rate.BitsPerSecond };
        if (rate.BurstBytes is { } burst)
        {
            message.BurstBytes = (ulong)burst;
        }

        return message;
    }

    /// <summary>Stands where none could be read: another one in each place, for two ports must not have the same.</summary>
    private static MacAddress Unread(FieldPath path)
    {
        Span<byte> bytes = [0xfe, 0xff, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(bytes[2..], path.Index);
        return new MacAddress(bytes);
    }
}
