using System.Globalization;

namespace Cloudbr.Agent.Linux.Process;

/// <summary>What /proc tells of a process, whoever's it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What it calls itself.</param>
/// <param name="Parent">Who started it.</param>
public sealed record RunningProcess(int Id, string Name, int Parent)
{
    /// <summary>Null if there is none, or it is not shown.</summary>
    public static RunningProcess? Find(int id)
    {
        try
        {
            return Read(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} (process {Id})");

    /// <summary>"708 (name) S 1 …"; a name may have spaces and brackets itself.</summary>
    internal static RunningProcess? Read(string stat)
    {
        var (start, end) = (stat.IndexOf('(', StringComparison.Ordinal), stat.LastIndexOf(')'));
        if (start < 0 || end < start)
        {
            return null;
        }

        var rest = stat[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.TryParse(stat.AsSpan(0, start), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id)
            && rest.Length > 1 && int.TryParse(rest[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
                ? new RunningProcess(id, stat[(start + 1)..end], parent)
                : null;
    }
}
