using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// What should be in force, worked out from what was asked for and what the agent told of it, without looking at how it does that. After
/// a death it is one of a few: what nobody was told of may have been made or not, in the order in which it was asked for.
/// </summary>
internal sealed class Expected
{
    private readonly Dictionary<ulong, HostConfig> _configs = new() { [0] = HostConfig.Empty };

    public ulong Generation { get; private set; }

    public HostConfig Config { get; private set; } = HostConfig.Empty;

    /// <summary>The generation that it goes back to unless it is confirmed; null if nothing is awaited.</summary>
    public ulong? Fallback { get; private set; }

    /// <summary>What the agent's last way back took the place of. While the disk fails, that has nothing newer.</summary>
    public ulong? Left { get; private set; }

    public ulong Term { get; private set; }

    /// <summary>A term that may have been kept, or not; null if that is known.</summary>
    public ulong? Doubtful { get; private set; }

    /// <summary>How many changes were made, and how many were not, by their reason.</summary>
    public SortedDictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Compares what was told with what had to come of it, and goes on from there.</summary>
    public void Take(Life.Told told, bool hadFaults)
    {
        var (report, options, edit) = (told.Report, told.Options, told.Edit);
        if (edit is FinishGeneration)
        {
            // It was asked for in a former life: Resume says what came of it.
            return;
        }

        var isWayBack = edit is RestoreGeneration { Cause: not null };
        Count(report);
        Check(!report.Failures.Any(f => f.Reason == "AGENT_DEFECT"), $"a defect of the agent's: {Words(report)}");
        if (!isWayBack && options.Term > Term && !options.DryRun)
        {
            // What failed over disk or kernel failed before the term was kept or after it.
            (Term, Doubtful) = hadFaults && report.Failures.Count > 0 ? (Term, (ulong?)options.Term) : (options.Term, null);
        }

        if (!isWayBack && Fence(options) is { } reason)
        {
            Check(report.Failures is [var failure, ..] && (failure.Reason == reason || hadFaults), $"{edit} was to be refused for {reason}: {Words(report)}");
            return;
        }

        if (report.Outcome is ChangeOutcome.FailedUndone or ChangeOutcome.FailedIncomplete)
        {
            Check(hadFaults || report.Outcome == ChangeOutcome.FailedUndone, $"nothing was in the way, and not all is undone: {Words(report)}");
            return;
        }

        Check(options.DryRun == (report.Outcome == ChangeOutcome.Planned) || report.Outcome == ChangeOutcome.Unchanged, $"a dry run or not: {Words(report)}");
        if (options.DryRun)
        {
            return;
        }

        Make(edit, options, report);
    }

    /// <summary>What may be in force after a death while these were asked for and not answered.</summary>
    public IReadOnlyList<Possible> After(IEnumerable<(ConfigEdit Edit, ChangeOptions Options)> unanswered)
    {
        List<Possible> possible = [new(Generation, Config, Fallback)];
        if (Fallback is { } fallback)
        {
            possible.Add(new Possible(Generation + 1, _configs[fallback], null));
        }

        foreach (var (edit, options) in unanswered.Where(u => !u.Options.DryRun))
        {
            foreach (var before in possible.ToList())
            {
                if (edit is ConfirmGeneration)
                {
                    possible.Add(before with { Fallback = null });
                }
                else if (edit.ApplyTo(before.Config).SettleOn(before.Config) is var after && (!ReferenceEquals(after, before.Config) || edit is RestoreGeneration))
                {
                    possible.Add(new Possible(before.Generation + 1, after, options.ConfirmWithin is null ? null : before.Generation));
                }
            }
        }

        return possible;
    }

    /// <summary>A new life says that this is in force now.</summary>
    public void Adopt(Generation inForce, bool isFallbackLost)
    {
        (Generation, Config, Fallback) = (inForce.Number, inForce.Config, isFallbackLost ? null : inForce.Pending?.Fallback);
        _configs[Generation] = Config;
    }

    /// <summary>A new life says that this term was seen.</summary>
    public void AdoptTerm(ulong term) => (Term, Doubtful) = (term, null);

    /// <summary>The agent says which it is.</summary>
    public void SettleTerm(ulong term) => (Term, Doubtful) = (term == Doubtful ? term : Term, null);

    private string? Fence(ChangeOptions options)
    {
        if (options.Term < Term)
        {
            return "STALE_TERM";
        }

        if (options.IfGeneration is { } wanted && wanted != Generation)
        {
            return "STALE_GENERATION";
        }

        return null;
    }

    private void Make(ConfigEdit edit, ChangeOptions options, ChangeReport report)
    {
        if (edit is ConfirmGeneration confirm)
        {
            Check(Fallback is not null && confirm.Generation == Generation, $"generation {confirm.Generation} was not to be confirmed: {Words(report)}");
            Fallback = null;
            return;
        }

        var next = edit.ApplyTo(Config).SettleOn(Config);
        var isNew = !ReferenceEquals(next, Config) || edit is RestoreGeneration;
        Check(report.PreviousGeneration == Generation, $"the generation before it is {Generation}: {Words(report)}");
        Check(report.Generation == (isNew ? Generation + 1 : Generation), $"generations grow by one from {Generation}: {Words(report)}");
        if (!isNew)
        {
            return;
        }

        if (edit is RestoreGeneration restore)
        {
            Check(next.SettleOn(_configs[restore.Target.Number]) == _configs[restore.Target.Number], $"what is restored is what generation {restore.Target.Number} was");
        }

        Left = edit is RestoreGeneration { Cause: not null } ? Generation : Left;
        if (Fallback is { } fallback)
        {
            Check(edit is RestoreGeneration { Target.Number: var target } && target == fallback, $"while a confirmation is awaited only {fallback} can come: {Words(report)}");
        }

        Fallback = options.ConfirmWithin is null ? null : Generation;
        Generation++;
        Config = next;
        _configs[Generation] = next;
    }

    private void Count(ChangeReport report)
    {
        var what = report.Failures is [var failure, ..] ? $"{report.Outcome} {failure.Reason}" : $"{report.Outcome}";
        Outcomes[what] = Outcomes.GetValueOrDefault(what) + 1;
    }

    private static string Words(ChangeReport report) =>
        $"{report.RequestId} {report.Outcome}, {report.PreviousGeneration} to {report.Generation}, {string.Join("; ", report.Failures.Select(f => $"{f.Reason}: {f.Message} {f.Evidence}"))}";

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new PromiseBrokenException(what);
        }
    }

    internal sealed record Possible(ulong Generation, HostConfig Config, ulong? Fallback);
}

/// <summary>The agent did what it must not, or did not what it must.</summary>
internal sealed class PromiseBrokenException(string what) : Exception(what);
