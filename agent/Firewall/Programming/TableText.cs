using System.Text;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>What a restore tool is told so that one table becomes another: only chains that differ, in one transaction.</summary>
public static class TableText
{
    /// <summary>Appends what makes <paramref name="after"/> of <paramref name="before"/>; nothing if they are the same.</summary>
    public static void Append(StringBuilder text, TableId id, Table before, Table after)
    {
        var start = text.Length;
        var isFrames = id == TableId.FrameNat;
        text.Append('*').Append(Name(id)).Append('\n');
        var head = text.Length;
        var changed = after.Chains.Values.Where(c => !c.Equals(before.Chains.GetValueOrDefault(c.Name))).OrderBy(c => c.Name, StringComparer.Ordinal).ToArray();
        foreach (var chain in changed)
        {
            // Declared again, a chain is emptied, and its counters begin anew.
            text.Append(':').Append(chain.Name).Append(isFrames ? " RETURN\n" : " - [0:0]\n");
        }

        foreach (var chain in isFrames ? changed : [])
        {
            // But by legacy ebtables it is not.
            text.Append("-F ").Append(chain.Name).Append('\n');
        }

        foreach (var stray in before.Strays)
        {
            text.Append("-D ").Append(stray).Append('\n');
        }

        foreach (var (hook, chain) in before.Hooks.Where(h => !after.Hooks.Contains(h)))
        {
            text.Append("-D ").Append(hook).Append(" -j ").Append(chain).Append('\n');
        }

        foreach (var chain in changed)
        {
            foreach (var rule in chain.Rules)
            {
                text.Append("-A ").Append(chain.Name).Append(' ').Append(rule).Append('\n');
            }
        }

        foreach (var (hook, chain) in after.Hooks.Where(h => !before.Hooks.Contains(h)))
        {
            text.Append("-I ").Append(hook).Append(isFrames ? " -j " : " 1 -j ").Append(chain).Append('\n');
        }

        var stale = before.Chains.Keys.Where(c => !after.Chains.ContainsKey(c)).Order(StringComparer.Ordinal).ToArray();
        foreach (var command in (string[])["-F ", "-X "])
        {
            foreach (var chain in stale)
            {
                text.Append(command).Append(chain).Append('\n');
            }
        }

        if (text.Length == head)
        {
            text.Length = start;
            return;
        }

        // ebtables commits at the end by itself, and the legacy one refuses the word.
        text.Append(isFrames ? "" : "COMMIT\n");
    }

    public static string Name(TableId id) => id switch
    {
        TableId.FrameNat => "nat",
        TableId.Raw4 or TableId.Raw6 => "raw",
        _ => "filter",
    };
}
