using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// The report of a failed change as it travels in a trailer, for which there is little room: cut down step by step to the failed step and
/// what was undone, and then to less, until it fits.
/// </summary>
internal static class TrailerReport
{
    /// <summary>As the contract says.</summary>
    public const int MostBytes = 4096;

    private const int FewUndone = 8;

    private static readonly Action<ChangeReport>[] Cuts =
    [
        static report => Keep(report.Changes, c => c.Progress is ChangeProgress.Failed or ChangeProgress.LeftBehind),
        static report =>
        {
            report.Warnings.Clear();
            report.Stages.Clear();
        },

        // It stands beside the report, too.
        static report => report.Failure = null,
        static report => report.Changes.ToList().ForEach(c => c.Attributes.Clear()),
        static report => Keep(report.Undone?.Steps, s => !s.Restored),
        static report => Keep(report.Changes, c => c.Progress == ChangeProgress.Failed),
        static report => report.Undone?.Steps.ToList().ForEach(s => s.Failure = null),
        static report => Shorten(report.Undone?.Steps, FewUndone),
        static report => Shorten(report.Changes, 1),
        static report =>
        {
            report.Undone?.Reason = "";
            report.Changes.Clear();
        },
    ];

    /// <summary>The report, or as much of it as fits into so many bytes; null if that is nothing.</summary>
    public static ChangeReport? Fit(ChangeReport report, int mostBytes)
    {
        if (report.CalculateSize() <= mostBytes)
        {
            return report;
        }

        var cut = report.Clone();
        foreach (var more in Cuts)
        {
            more(cut);
            if (cut.CalculateSize() <= mostBytes)
            {
                return cut;
            }
        }

        return null;
    }

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T>? list, Func<T, bool> wanted)
    {
        for (var i = (list?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (!wanted(list![i]))
            {
                list.RemoveAt(i);
            }
        }
    }

    private static void Shorten<T>(Google.Protobuf.Collections.RepeatedField<T>? list, int most)
    {
        while (list?.Count > most)
        {
            list.RemoveAt(list.Count - 1);
        }
    }
}
