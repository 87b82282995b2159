using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// Finds a device among a thousand in a few steps: rules with a wildcard lead to those of a common beginning. With few names it is a
/// plain list.
/// </summary>
/// <param name="match">What matches a name: "-i" or "-m physdev --physdev-in".</param>
/// <param name="follow">How to go on to another chain of the tree: "-g" to come back to where the tree was entered, "-j" to come back into it.</param>
internal sealed class NameTree(string match, string follow)
{
    /// <summary>So many comparisons cost less than one more chain.</summary>
    private const int FewNames = 8;

    /// <summary>
    /// Writes into a chain what leads from each name to its target ("-g CB-s-abc"), and the chains below it. What follows a name's rule
    /// in the root is reached by names that are not there, if each node ends with <paramref name="otherwise"/>.
    /// </summary>
    /// <param name="root">Where the search begins.</param>
    /// <param name="targets">Names with their targets, in ordinal order.</param>
    /// <param name="otherwise">What becomes of a name that is not there.</param>
    /// <param name="chains">Where the chains below go.</param>
    public void Write(ChainWriter root, KeyValuePair<string, string>[] targets, string? otherwise, ICollection<Chain> chains) =>
        Write(root, root, targets, 0, otherwise, chains);

    private void Write(ChainWriter writer, ChainWriter root, ReadOnlySpan<KeyValuePair<string, string>> names, int depth, string? otherwise, ICollection<Chain> chains)
    {
        if (names.Length <= FewNames)
        {
            foreach (var (name, target) in names)
            {
                writer.Add($"{match} {name} {target}");
            }

            return;
        }

        for (var rest = names; !rest.IsEmpty;)
        {
            var name = rest[0].Key;
            if (name.Length == depth)
            {
                writer.Add($"{match} {name} {rest[0].Value}");
                rest = rest[1..];
                continue;
            }

            var count = 1;
            while (count < rest.Length && rest[count].Key[depth] == name[depth])
            {
                count++;
            }

            var group = rest[..count];
            rest = rest[count..];
            if (count == 1)
            {
                writer.Add($"{match} {name} {group[0].Value}");
                continue;
            }

            var common = CommonLength(group, depth + 1);
            if (common == name.Length && count == 2)
            {
                writer.Add($"{match} {name} {group[0].Value}");
                writer.Add($"{match} {group[1].Key} {group[1].Value}");
                continue;
            }

            var node = new ChainWriter($"{root.Name}-{name[..common]}", root.Owner);
            Write(node, root, group, common, otherwise, chains);
            if (otherwise is not null)
            {
                node.Add(otherwise);
            }

            chains.Add(node.Finish());
            writer.Add($"{match} {name[..common]}+ {follow} {node.Name}");
        }
    }

    private static int CommonLength(ReadOnlySpan<KeyValuePair<string, string>> group, int least)
    {
        // Sorted, so the first and the last one differ the most.
        var (first, last) = (group[0].Key, group[^1].Key);
        var length = least;
        while (length < first.Length && length < last.Length && first[length] == last[length])
        {
            length++;
        }

        return length;
    }
}
