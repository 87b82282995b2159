using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>A history entry in the words and the form of a commit.</summary>
internal static class CommitText
{
    public const string AgentEmail = "cloudbr-agent@localhost";

    private const int MostIdentityCharacters = 200;

    /// <summary>"CN=mgmt-1 &lt;CN=mgmt-1@kvm1&gt; 1700000000 +0000".</summary>
    public static string Author(HistoryEntry entry, string host)
    {
        var caller = Identity(entry.Caller);
        return $"{caller} <{caller}@{Identity(host)}> {Date(entry.AcceptedAt)}";
    }

    public static string Committer(DateTimeOffset now) => $"cloudbr-agent <{AgentEmail}> {Date(now)}";

    /// <param name="entry">What the commit is about.</param>
    /// <param name="isNews">False if the generation has a commit already, and this one says what became of it.</param>
    public static string Message(HistoryEntry entry, bool isNews)
    {
        var summary = Line(entry.Summary.Length == 0 ? entry.Method : entry.Summary);
        var text = new StringBuilder(isNews ? summary : $"generation {entry.Generation}, {Became(entry)}: {summary}").Append("\n\n");
        if (Clean(entry.Note, keepsLines: true).Trim() is { Length: > 0 } note)
        {
            text.Append(note).Append("\n\n");
        }

        // git takes the last paragraph for trailers, so nothing in the note can be mistaken for one.
        Trailer("Generation", entry.Generation);
        Trailer("Request-Id", Line(entry.RequestId));
        Trailer("Term", entry.Term);
        Trailer("Method", Line(entry.Method));
        Trailer("Outcome", Words(entry.Outcome));
        Trailer("Confirmation", entry.Confirmation == Confirmation.NotAsked ? null : Words(entry.Confirmation));
        Trailer("Restores", entry.Restores);
        return text.ToString();

        void Trailer<T>(string key, T? value)
        {
            if (value is not (null or ""))
            {
                text.Append(CultureInfo.InvariantCulture, $"{key}: {value}\n");
            }
        }
    }

    private static string Became(HistoryEntry entry) => entry.Confirmation switch
    {
        Confirmation.Given => "confirmed",
        Confirmation.Expired => "not confirmed in time",
        _ => Words(entry.Outcome),
    };

    /// <summary>git's own form of a date, which has no place for years before 1970.</summary>
    private static string Date(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.ToUnixTimeSeconds())} +0000");

    /// <summary>Without what would end a name, an address or a line in git's format.</summary>
    private static string Identity(string caller)
    {
        var name = Line(caller).Replace('<', '_').Replace('>', '_');
        return name.Length switch
        {
            0 => "unknown",
            > MostIdentityCharacters => name[..MostIdentityCharacters],
            _ => name,
        };
    }

    private static string Line(string text) => Clean(text, keepsLines: false).Trim();

    private static string Clean(string text, bool keepsLines)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in keepsLines ? text.ReplaceLineEndings("\n") : text)
        {
            clean.Append(c == '\n' && keepsLines ? c : char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        }

        return clean.ToString();
    }

    /// <summary>FailedUndone is said failed-undone.</summary>
    private static string Words<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
