using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>A table with rules, whoever's they are.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rules">How many.</param>
/// <param name="First">The first one, with its chain.</param>
public sealed record SavedRules(string Name, int Rules, string First)
{
    /// <summary>The tables that have any, of what a save tool printed.</summary>
    public static ValueList<SavedRules> Read(string text)
    {
        var tables = new List<SavedRules>();
        var name = "";
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith('*'))
            {
                name = line[1..].ToString();
            }
            else if (line.StartsWith("-A "))
            {
                if (tables.Count == 0 || tables[^1].Name != name)
                {
                    tables.Add(new SavedRules(name, 0, line.ToString()));
                }

                tables[^1] = tables[^1] with { Rules = tables[^1].Rules + 1 };
            }
        }

        return tables.ToValueList();
    }

    public override string ToString() => $"table {Name}: {Rules} {(Rules == 1 ? "rule" : "rules, the first")} {First}";
}
