using System.Collections.Immutable;
using System.Text;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>
/// What ipset is told so that some sets become others. What is new comes before the rules that use it, and what is old goes after those
/// that used it.
/// </summary>
public static class SetText
{
    /// <summary>Twice what a group may have, for everybody is two members.</summary>
    private const string Options = "maxelem 131072";

    public static string Additions(IReadOnlyDictionary<string, AddressSet> before, IReadOnlyDictionary<string, AddressSet> after)
    {
        var text = new StringBuilder();
        foreach (var set in after.Values)
        {
            var known = before.GetValueOrDefault(set.Name);
            if (known is null)
            {
                text.Append("create ").Append(set.Name).Append(" hash:net family ").Append(set.Family == Family.V4 ? "inet " : "inet6 ").Append(Options).Append('\n');
            }

            Append(text, "add ", set.Name, set.Members, known?.Members);
        }

        return text.ToString();
    }

    public static string Removals(IReadOnlyDictionary<string, AddressSet> before, IReadOnlyDictionary<string, AddressSet> after)
    {
        var text = new StringBuilder();
        foreach (var set in before.Values)
        {
            if (after.TryGetValue(set.Name, out var wanted))
            {
                Append(text, "del ", set.Name, set.Members, wanted.Members);
            }
            else
            {
                text.Append("destroy ").Append(set.Name).Append('\n');
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string command, string name, ImmutableHashSet<string> members, ImmutableHashSet<string>? others)
    {
        if (ReferenceEquals(members, others))
        {
            return;
        }

        foreach (var member in members.Where(m => others?.Contains(m) != true).Order(StringComparer.Ordinal))
        {
            text.Append(command).Append(name).Append(' ').Append(member).Append('\n');
        }
    }
}
