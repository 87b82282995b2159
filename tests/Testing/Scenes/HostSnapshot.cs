using System.Text;
using Cloudbr.Agent.Testing.Namespaces;
using NUnit.Framework.Constraints;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// Everything that a host's network consists of, as text: links, addresses, routes of all tables, forwarding entries,
/// rules, queueing disciplines. Two are equal unless somebody changed something: what passes by itself (timers, learnt
/// MACs, what devices count of their users) is not in it.
/// </summary>
public sealed class HostSnapshot
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _objects;

    private HostSnapshot(SortedDictionary<string, SortedDictionary<string, string>> objects) => _objects = objects;

    /// <summary>
    /// Takes the snapshot once no IPv6 address is tentative any more. With a filter only what belongs to the devices that
    /// it accepts is in it: the foreign ones, when it refuses those of the code under test. What belongs to no device
    /// (a rule, a blackhole) always is.
    /// </summary>
    public static HostSnapshot Of(NetNamespace host, Func<string, bool>? devices = null) =>
        new(HostSnapshotReader.Read(host, devices ?? (_ => true)));

    /// <summary>For assertions: <c>Assert.That(HostSnapshot.Of(host), HostSnapshot.SameAs(before))</c>.</summary>
    public static Constraint SameAs(HostSnapshot expected) => new SameAsConstraint(expected);

    /// <summary>What became of each object between an earlier snapshot and this one, a line or a few for each.</summary>
    public IReadOnlyList<string> DifferencesFrom(HostSnapshot earlier)
    {
        var differences = new List<string>();
        foreach (var name in earlier._objects.Keys.Union(_objects.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var was = earlier._objects.GetValueOrDefault(name);
            var isNow = _objects.GetValueOrDefault(name);
            if (was is null)
            {
                differences.Add($"+ {Line(name, isNow!)}");
            }
            else if (isNow is null)
            {
                differences.Add($"- {Line(name, was)}");
            }
            else
            {
                differences.AddRange(was.Keys.Union(isNow.Keys, StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Where(key => was.GetValueOrDefault(key) != isNow.GetValueOrDefault(key))
                    .Select(key =>
                        $"~ {name}: {key} was {was.GetValueOrDefault(key, "not set")}, is {isNow.GetValueOrDefault(key, "not set")}"));
            }
        }

        return differences;
    }

    /// <summary>One object a paragraph, one attribute a line, in an order that does not depend on the kernel's.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, attributes) in _objects)
        {
            text.Append(name).Append('\n');
            foreach (var (key, value) in attributes)
            {
                text.Append("    ").Append(key).Append(' ').Append(value).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Line(string name, SortedDictionary<string, string> attributes) =>
        $"{name}: {string.Join(' ', attributes.Select(attribute => $"{attribute.Key} {attribute.Value}"))}";

    private sealed class SameAsConstraint(HostSnapshot expected) : Constraint(expected)
    {
        public override string Description => "the same as before";

        public override ConstraintResult ApplyTo<TActual>(TActual actual) =>
            actual is HostSnapshot snapshot
                ? new Result(this, snapshot.DifferencesFrom(expected))
                : throw new ArgumentException($"not a {nameof(HostSnapshot)}", nameof(actual));
    }

    private sealed class Result(Constraint constraint, IReadOnlyList<string> differences)
        : ConstraintResult(constraint, differences, differences.Count == 0)
    {
        public override void WriteActualValueTo(MessageWriter writer) =>
            writer.Write($"{differences.Count} differences\n{string.Join('\n', differences.Select(line => $"    {line}"))}");
    }
}
