using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>
/// A chain as the save tools print it: its rules in their canonical spelling, so that what is read back can be compared without being
/// understood.
/// </summary>
public sealed class Chain : IEquatable<Chain>
{
    public Chain(string name, ImmutableArray<string> rules)
    {
        Name = name;
        Rules = rules;
        Hash = HashOf(rules.AsSpan());
    }

    public string Name { get; }

    /// <summary>Whose it is; of a chain that was read nobody can tell.</summary>
    public ObjectRef Owner { get; init; } = new(ObjectKind.Host);

    /// <summary>What stands after "-A name " in each.</summary>
    public ImmutableArray<string> Rules { get; }

    public UInt128 Hash { get; }

    public static UInt128 HashOf(ReadOnlySpan<string> rules)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> buffer = stackalloc byte[512];
        foreach (var rule in rules)
        {
            // Rules are short and ASCII; a longer one goes piece by piece.
            for (var rest = rule.AsSpan(); !rest.IsEmpty; rest = rest[Math.Min(rest.Length, 128)..])
            {
                hash.AppendData(buffer[..Encoding.UTF8.GetBytes(rest[..Math.Min(rest.Length, 128)], buffer)]);
            }

            hash.AppendData("\n"u8);
        }

        Span<byte> result = stackalloc byte[32];
        hash.GetHashAndReset(result);
        return BinaryPrimitives.ReadUInt128BigEndian(result);
    }

    public bool Equals(Chain? other) => other is not null && Name == other.Name && Hash == other.Hash;

    public override bool Equals(object? obj) => Equals(obj as Chain);

    public override int GetHashCode() => HashCode.Combine(Name, Hash);

    public override string ToString() => string.Concat(Rules.Select(rule => $"-A {Name} {rule}\n"));
}
