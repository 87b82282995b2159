using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>The lock that the legacy tools take turns by. Those on nf_tables have no need of it.</summary>
internal static class XtablesLock
{
    public const string Path = "/run/xtables.lock";

    /// <summary>Who holds it, in words; empty if nobody does any more, or it cannot be told.</summary>
    public static string Holder() => Words(FileLock.Of(Path).Holders);

    /// <summary>Who keeps a tool waiting that was started here; empty if none waits, or only for another one of ours.</summary>
    public static string WhoKeepsUsWaiting()
    {
        var found = FileLock.Of(Path);
        return found.Waiters.Any(IsOurs) && !found.Holders.Any(IsOurs) ? Words(found.Holders) : "";
    }

    private static bool IsOurs(int process) => RunningProcess.Find(process)?.Parent == Environment.ProcessId;

    private static string Words(IEnumerable<int> processes) =>
        string.Join(", ", processes.Distinct().Select(p => RunningProcess.Find(p)?.ToString() ?? $"process {p}"));
}
