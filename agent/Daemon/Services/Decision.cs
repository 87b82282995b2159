using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// Whether a change was decided: it had its turn, and what came of it is this request's answer for good. Only then it is remembered. A caller
/// that was refused for good and wants another try has read why and takes another id; the same id is for an answer that was lost.
/// </summary>
/// <remarks>
/// Remembered: what was made, what was as asked already, and what the plan, the kernel or the wrong generation refused, also if it might
/// go well later: the request was weighed, and perhaps written and taken back. Not remembered:
/// what never came to its turn (a caller that left, an agent that stops, a full queue, a confirmation that comes first), and what could not be begun because the
/// agent itself could not work (a journal on a full disk, a kernel that cannot be read): nothing was weighed or written, and who repeats
/// the same request once that is mended must get through; a fault of the request alone, which is found again each time; dry runs and
/// plans, which are asked to learn how things stand now; and a stale term, for terms never go back and the fence says the same each time,
/// while a management server that was replaced must not push the answers of its successor out of a bounded memory.
/// </remarks>
internal static class Decision
{
    private const string Queue = "queue";
    private const string Fence = "fence";
    private const string StaleTerm = "STALE_TERM";

    private static readonly object Key = new();

    /// <summary>Notes at the call what came of its change.</summary>
    public static void Note(ServerCallContext context, ChangeReport report) => context.UserState[Key] = IsMadeBy(report);

    public static bool IsMade(ServerCallContext context) => context.UserState.TryGetValue(Key, out var made) && made is true;

    internal static bool IsMadeBy(ChangeReport report)
    {
        if (report.Outcome == ChangeOutcome.Planned)
        {
            return false;
        }

        if (report.Succeeded || report.Undone is not null || report.Changes.Any(c => c.Progress != StepProgress.Planned))
        {
            return true;
        }

        // A failure that is of no object but the host as a whole is the agent's own: it could not even look. Only the fence speaks so, too.
        return report.Failures[0] switch
        {
            { Operation: Queue } or { Subject.Kind: ObjectKind.File } => false,
            { Operation: Fence, Reason: var reason } => reason != StaleTerm,
            { Subject.Kind: ObjectKind.Host } => false,
            _ => true,
        };
    }
}
