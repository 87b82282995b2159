using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Validation;
using Google.Protobuf.Collections;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Addresses and prefixes: "10.1.1.5", "10.1.2.0/28".</summary>
internal static class PrefixMapping
{
    /// <summary>All of them, or none if one cannot be read: the rules name each by its place.</summary>
    public static ValueList<IpPrefix> ToModel(RepeatedField<string> texts, FieldPath path, string field, RequestErrors errors)
    {
        if (texts.Count == 0)
        {
            return default;
        }

        var prefixes = ImmutableArray.CreateBuilder<IpPrefix>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            if (errors.Prefix(texts[i], path, field, i) is { } prefix)
            {
                prefixes.Add(prefix);
            }
        }

        return prefixes.Count == texts.Count ? new ValueList<IpPrefix>(prefixes.MoveToImmutable()) : default;
    }

    public static void Add(ValueList<IpPrefix> prefixes, RepeatedField<string> texts)
    {
        foreach (var prefix in prefixes)
        {
            texts.Add(ToText(prefix));
        }
    }

    /// <summary>A single address has no length.</summary>
    public static string ToText(IpPrefix prefix) =>
        prefix.Length == IpPrefix.MaxLength(prefix.Address) ? prefix.Address.ToString() : prefix.ToString();
}
