using System.Globalization;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>Puts files that cannot be used out of the way and keeps the newest of them, for whoever wants to know what happened.</summary>
internal sealed class DamagedFiles(DurableFiles files, TimeProvider time)
{
    private const int Kept = 5;
    private const string Mark = ".damaged-";

    /// <summary>The name that it has from now on.</summary>
    public string PutAside(string name)
    {
        var there = files.Folder.Names().ToHashSet(StringComparer.Ordinal);
        var when = time.GetUtcNow();
        string aside;
        do
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{name}{Mark}{when:yyyyMMdd'T'HHmmss.fffffff'Z'}");
            when += TimeSpan.FromTicks(1);
        }
        while (there.Contains(aside));

        files.Rename(name, aside);
        RemoveOldest(there.Append(aside));
        return aside;
    }

    private void RemoveOldest(IEnumerable<string> names)
    {
        var aside = names.Where(n => n.Contains(Mark, StringComparison.Ordinal)).OrderByDescending(TimeOf, StringComparer.Ordinal);
        foreach (var name in aside.Skip(Kept))
        {
            files.Folder.Remove(name);
        }
    }

    private static string TimeOf(string name) => name[(name.LastIndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];
}
