using System.Buffers;
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
        var length = 0;
        foreach (var rule in rules)
        {
            length += Encoding.UTF8.GetMaxByteCount(rule.Length) + 1;
        }

        // All at once: a call for each rule costs more than the rule.
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var end = 0;
        foreach (var rule in rules)
        {
            end += Encoding.UTF8.GetBytes(rule, buffer.AsSpan(end));
            buffer[end++] = (byte)'\n';
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.AsSpan(0, end), hash);
        ArrayPool<byte>.Shared.Return(buffer);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    public bool Equals(Chain? other) => other is not null && Name == other.Name && Hash == other.Hash;

    public override bool Equals(object? obj) => Equals(obj as Chain);

    public override int GetHashCode() => HashCode.Combine(Name, Hash);

    public override string ToString() => string.Concat(Rules.Select(rule => $"-A {Name} {rule}\n"));
}
