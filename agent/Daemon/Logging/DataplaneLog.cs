using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Logging;

/// <summary>What an operator reads of changes to the host's network. Event ids are stable: 2100 to 2199.</summary>
internal sealed partial class DataplaneLog(ILogger logger) : IDataplaneObserver
{
    private const int MostNamed = 8;

    public void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit)
    {
        var what = Words(edit);
        switch (report.Outcome)
        {
            case ChangeOutcome.Applied when report.Undone is { } wayBack:
                WentBack(logger, wayBack.Reason, report.Generation, Steps(report), Total(report));
                break;
            case ChangeOutcome.AwaitingConfirm:
                Awaiting(logger, what, options.RequestId, report.Generation, report.ConfirmBefore!.Value.UtcDateTime, report.PreviousGeneration);
                break;
            case ChangeOutcome.Applied:
                Applied(logger, what, options.RequestId, report.Generation, Steps(report), Total(report));
                break;
            case ChangeOutcome.Unchanged or ChangeOutcome.Planned:
                Unchanged(logger, what, options.RequestId, report.Outcome, report.Generation);
                break;
            case ChangeOutcome.FailedIncomplete:
                Incomplete(logger, what, options.RequestId, Left(report), report.Generation, Reasons(report));
                break;
            default:
                Refused(
                    logger, what, options.RequestId, report.Undone is null ? "nothing was written" : "all of it was undone", report.Generation, Reasons(report));
                break;
        }

        foreach (var warning in report.Warnings)
        {
            Warned(logger, what, warning.Message);
        }
    }

    public void Resumed(Resumption resumption)
    {
        if (resumption.Interrupted is { } interrupted)
        {
            Finished(
                logger,
                interrupted,
                resumption.IsFinished ? "it was finished" : "it could not be finished and was taken back",
                resumption.Generation,
                resumption.Steps,
                (long)resumption.Duration.TotalMilliseconds);
        }
        else
        {
            WentOn(logger, resumption.Generation, resumption.Steps, (long)resumption.Duration.TotalMilliseconds);
        }
    }

    public void Drifted(Drift drift)
    {
        var what = drift.Kind switch
        {
            DriftKind.Removed => "was gone",
            DriftKind.Unexpected => "was there and should not be",
            _ => string.Join(", ", drift.Attributes.Select(a => $"had {a.Name} {a.After ?? "unset"} instead of {a.Before ?? "unset"}")),
        };
        var by = drift.LikelyCause.Length > 0 ? $" (probably by {drift.LikelyCause})" : "";
        switch (drift.Handling)
        {
            case DriftHandling.Healed:
                Healed(logger, drift.Subject, what, by, drift.Source, (long)(drift.HealDuration ?? TimeSpan.Zero).TotalMilliseconds);
                break;
            case DriftHandling.Observed:
                Observed(logger, drift.Subject, what, by);
                break;
            case DriftHandling.BackedOff:
                BackedOff(logger, drift.Subject, what, by);
                break;
            default:
                NotHealed(logger, drift.Subject, what.Length > 0 ? what : "is not as desired", by, drift.Failure?.Message ?? "", drift.Failure?.Remedy ?? "");
                break;
        }
    }

    public void Found(Finding finding)
    {
        if (finding.IsOpen)
        {
            Opened(logger, finding.Code, finding.Message, finding.Remedy);
        }
        else
        {
            Cleared(logger, finding.Code, finding.Subject);
        }
    }

    public void JournalFailed(Failure failure) => JournalWrong(logger, failure.Message, failure.Evidence, failure.Remedy);

    public void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed)
    {
        var rules = followed is { } time ? string.Create(CultureInfo.InvariantCulture, $"; its rules followed in {time.TotalMilliseconds:0.#} ms") : "";
        if (now.Presence == PortPresence.Elsewhere)
        {
            Misplaced(logger, now.Port.NicId, now.Device, now.Bridge, rules);
            return;
        }

        var what = now.Presence switch
        {
            PortPresence.Attached => $"{now.Device} is on {now.Bridge}",
            PortPresence.Detached => $"{now.Device} is there, and on no bridge",
            _ => $"{before.Device} is gone",
        };
        Moved(logger, now.Port.NicId, what, rules);
    }

    public void ReadAnew(int links, TimeSpan duration) => Overrun(logger, links, (long)duration.TotalMilliseconds);

    public void ToolWarned(string tool, string words) => ToolComplained(logger, tool, words);

    public void KernelFailed(Failure failure) => Unreadable(logger, failure.Message, failure.Evidence);

    [LoggerMessage(2101, LogLevel.Information, "{Change} ({RequestId}) made generation {Generation}: {Steps}; written and read back in {Milliseconds} ms")]
    private static partial void Applied(ILogger logger, string change, string requestId, ulong generation, string steps, long milliseconds);

    [LoggerMessage(2102, LogLevel.Debug, "{Change} ({RequestId}) was {Outcome} at generation {Generation}")]
    private static partial void Unchanged(ILogger logger, string change, string requestId, ChangeOutcome outcome, ulong generation);

    [LoggerMessage(2103, LogLevel.Warning, "{Change} ({RequestId}) was refused, {Undone}, and generation {Generation} stays in force: {Reasons}")]
    private static partial void Refused(ILogger logger, string change, string requestId, string undone, ulong generation, string reasons);

    [LoggerMessage(2104, LogLevel.Error, "{Change} ({RequestId}) failed and could not be undone completely; what is left: {Left}. Generation {Generation} stays in force, Apply it again: {Reasons}")]
    private static partial void Incomplete(ILogger logger, string change, string requestId, string left, ulong generation, string reasons);

    [LoggerMessage(2105, LogLevel.Information, "{Change}: {Warning}")]
    private static partial void Warned(ILogger logger, string change, string warning);

    [LoggerMessage(2106, LogLevel.Warning, "The kernel reported faster than the agent could read and dropped reports; all {Links} devices were read anew in {Milliseconds} ms. Nothing was lost")]
    private static partial void Overrun(ILogger logger, int links, long milliseconds);

    [LoggerMessage(2107, LogLevel.Error, "The kernel cannot be read: {Reason} ({Evidence}). Trying again")]
    private static partial void Unreadable(ILogger logger, string reason, string evidence);

    [LoggerMessage(2108, LogLevel.Information, "{Change} ({RequestId}) made generation {Generation}, which has to be confirmed until {Until:yyyy-MM-dd HH:mm:ss} UTC, or generation {Fallback} comes back")]
    private static partial void Awaiting(ILogger logger, string change, string requestId, ulong generation, DateTime until, ulong fallback);

    [LoggerMessage(2109, LogLevel.Warning, "{Why}, as generation {Generation}: {Steps}; written and read back in {Milliseconds} ms")]
    private static partial void WentBack(ILogger logger, string why, ulong generation, string steps, long milliseconds);

    [LoggerMessage(2110, LogLevel.Information, "Went on from generation {Generation}: {Steps} writes to the kernel were needed, in {Milliseconds} ms")]
    private static partial void WentOn(ILogger logger, ulong generation, int steps, long milliseconds);

    [LoggerMessage(2111, LogLevel.Warning, "The agent had been interrupted while it made generation {Interrupted}; {Outcome}, and generation {Generation} is in force: {Steps} writes to the kernel, in {Milliseconds} ms")]
    private static partial void Finished(ILogger logger, ulong interrupted, string outcome, ulong generation, int steps, long milliseconds);

    [LoggerMessage(2112, LogLevel.Warning, "{Object} {What}{By}; healed in {Milliseconds} ms, noticed by {Source}")]
    private static partial void Healed(ILogger logger, ObjectRef @object, string what, string by, DriftSource source, long milliseconds);

    [LoggerMessage(2113, LogLevel.Warning, "{Object} {What}{By}; left as it is, for the mode is observe. Resync heals it")]
    private static partial void Observed(ILogger logger, ObjectRef @object, string what, string by);

    [LoggerMessage(2114, LogLevel.Error, "{Object} {What} again{By}; left for a while, for somebody else changes it as fast as the agent heals it")]
    private static partial void BackedOff(ILogger logger, ObjectRef @object, string what, string by);

    [LoggerMessage(2115, LogLevel.Error, "{Object} {What}{By} and cannot be healed: {Reason}. What to do: {Remedy}")]
    private static partial void NotHealed(ILogger logger, ObjectRef @object, string what, string by, string reason, string remedy);

    [LoggerMessage(2116, LogLevel.Error, "{Code}: {Finding}. What to do: {Remedy}")]
    private static partial void Opened(ILogger logger, string code, string finding, string remedy);

    [LoggerMessage(2117, LogLevel.Information, "{Code} at {Object} is over")]
    private static partial void Cleared(ILogger logger, string code, ObjectRef @object);

    [LoggerMessage(2118, LogLevel.Error, "{Reason} ({Evidence}). What to do: {Remedy}")]
    private static partial void JournalWrong(ILogger logger, string reason, string evidence, string remedy);

    [LoggerMessage(2119, LogLevel.Information, "Port {NicId}: {What}{Rules}")]
    private static partial void Moved(ILogger logger, string nicId, string what, string rules);

    [LoggerMessage(2120, LogLevel.Warning, "Port {NicId}: {Device} is on another bridge than {Bridge}, its network's{Rules}")]
    private static partial void Misplaced(ILogger logger, string nicId, string device, string bridge, string rules);

    [LoggerMessage(2121, LogLevel.Warning, "{Tool}: {Words}")]
    private static partial void ToolComplained(ILogger logger, string tool, string words);

    private static string Words(ConfigEdit edit) => edit switch
    {
        PutNetwork put => $"Implement of network {put.Network.Id}",
        RemoveNetwork remove => $"Shutdown of network {remove.Id}",
        PutPort put => $"Prepare of port {put.Port.NicId}",
        RemovePort remove => $"Release of port {remove.NicId}",
        ReplaceConfig => "Apply",
        ConfirmGeneration confirm => $"Confirm of generation {confirm.Generation}",
        RestoreGeneration { Cause: null } restore => $"Rollback to generation {restore.Target.Number}",
        RestoreGeneration restore => $"The way back to generation {restore.Target.Number}",
        FinishGeneration finish => $"Finishing generation {finish.Begun.Number}",
        _ => "Resync",
    };

    private static string Steps(ChangeReport report)
    {
        var named = report.Changes.Take(MostNamed).Select(c => $"{Verb(c.Step.Action)} {c.Step.Subject}");
        return report.Changes.Count <= MostNamed
            ? string.Join(", ", named)
            : $"{report.Changes.Count} steps, {string.Join(", ", report.Changes.CountBy(c => c.Step.Action).Select(g => $"{Verb(g.Key)} {g.Value}"))}";
    }

    private static string Reasons(ChangeReport report)
    {
        var told = string.Join("; ", report.Failures.Take(MostNamed).Select(f =>
            $"{f.Message}{(f.Evidence.Length == 0 ? "" : $" [{f.Evidence}]")}{(f.Remedy.Length == 0 ? "" : $". What to do: {f.Remedy}")}"));
        return report.Failures.Count <= MostNamed ? told : $"{told}; and {report.Failures.Count - MostNamed} more";
    }

    private static string Left(ChangeReport report) => string.Join(
        ", ",
        report.Changes.Where((c, i) => c.Progress == StepProgress.LeftBehind || (report.Undone?.Steps.Any(s => s.Step == i + 1 && !s.Restored) ?? false))
            .Take(MostNamed).Select(c => c.Step.Subject.ToString()));

    private static long Total(ChangeReport report) => (long)report.Stages.Where(s => s.Stage != ChangeStage.Queue).Sum(s => s.Duration.TotalMilliseconds);

    private static string Verb(StepAction action) => action switch
    {
        StepAction.Create => "made",
        StepAction.Update => "changed",
        StepAction.Delete => "removed",
        StepAction.Adopt => "adopted",
        StepAction.Recreate => "made anew",
        _ => "let go of",
    };
}
