using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>
/// No number is skipped by accident: each is in use, reserved (it once was), or kept for growth in so many words,
/// "Numbers 4 to 9 are kept for …", in the comment of its message or enum.
/// </summary>
internal static partial class NumberingRules
{
    public static IEnumerable<string> Check(IReadOnlyList<FileDescriptorProto> files)
    {
        foreach (var (node, message) in files.Elements<DescriptorProto>())
        {
            var used = message.Field.Select(field => field.Number).ToHashSet();
            var free = Kept(node.Comment).Concat(message.ReservedRange.Select(range => (range.Start, Last: range.End - 1)));
            foreach (var problem in Gaps(node.FullName, 1, used, [.. free]))
                yield return problem;
        }
        foreach (var (node, type) in files.Elements<EnumDescriptorProto>())
        {
            var used = type.Value.Select(value => value.Number).ToHashSet();
            var free = Kept(node.Comment).Concat(type.ReservedRange.Select(range => (range.Start, Last: range.End)));
            foreach (var problem in Gaps(node.FullName, 0, used, [.. free]))
                yield return problem;
        }
    }

    private static IEnumerable<string> Gaps(string name, int first, HashSet<int> used, List<(int First, int Last)> free)
    {
        for (var number = first; number < used.DefaultIfEmpty(first).Max(); number++)
            if (!used.Contains(number) && !free.Any(range => range.First <= number && number <= range.Last))
                yield return $"{name}: number {number} is not in use, not reserved, and not said to be kept";
        foreach (var number in used.Where(number => free.Any(range => range.First <= number && number <= range.Last)).Order())
            yield return $"{name}: number {number} is in use, and reserved or said to be kept";
    }

    private static IEnumerable<(int First, int Last)> Kept(string comment) =>
        KeptNumbers().Matches(comment).Select(match => (Number(match, 1), Number(match, 2)));

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("Numbers ([0-9]+) to ([0-9]+) are kept for ")]
    private static partial Regex KeptNumbers();
}
