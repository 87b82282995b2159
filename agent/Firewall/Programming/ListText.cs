using System.Text;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>Some chains of a table.</summary>
public readonly record struct ChainsOf(TableId Table, IReadOnlyList<string> Names);

/// <summary>
/// Asks a restore tool for some chains: it lists as well as it changes, as many chains as one likes in one process, and the rest of a
/// large table is not looked at.
/// </summary>
public static class ListText
{
    public static string Ask(IEnumerable<ChainsOf> chains)
    {
        var text = new StringBuilder();
        foreach (var (id, names) in chains)
        {
            var isFrames = id == TableId.FrameNat;
            text.Append('*').Append(TableText.Name(id)).Append('\n');
            foreach (var name in names)
            {
                text.Append(isFrames ? "-L " : "-S ").Append(name).Append('\n');
            }

            text.Append(isFrames ? "" : "COMMIT\n");
        }

        return text.ToString();
    }
}
