using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>Who may change what now: one writer at a time, on the generation that it knows, and not on top of what may go away again.</summary>
internal static class Fence
{
    public static Failure? OfTerm(DataplaneView view, ChangeOptions options) => options.Term >= view.Term ? null : Stale(
        "STALE_TERM",
        "change.term",
        options.Term == 0
            ? $"the request has no term, and term {view.Term} has been seen"
            : $"the request's term {options.Term} is older than {view.Term}, which has been seen",
        "another management server has taken over; ask it who leads");

    /// <param name="view">What is in force.</param>
    /// <param name="options">How it was asked for.</param>
    /// <param name="edit">What was asked for.</param>
    /// <param name="generation">The one that is in force when its turn comes.</param>
    public static Failure? Of(DataplaneView view, ChangeOptions options, ConfigEdit edit, ulong generation)
    {
        if (IsAgentsOwn(edit))
        {
            return null;
        }

        // The request that made the generation in force, asked again because its answer was lost, finds what it wanted.
        var isOwn = options.RequestId.Length > 0 && options.RequestId == view.InForce.Entry.RequestId && options.IfGeneration == view.Generation - 1;
        if (options.IfGeneration is { } wanted && wanted != generation && !isOwn)
        {
            return Stale(
                "STALE_GENERATION",
                "change.if_generation",
                $"generation {wanted} was expected, and {generation} is in force",
                "read the configuration again and decide anew");
        }

        var isWhole = edit is ReplaceConfig { Sections.Count: var count } && count == ReplaceConfig.AllSections.Count;
        return view.IsLost && !isWhole && !options.DryRun ? Lost() : OfConfirm(view, options);
    }

    /// <summary>
    /// While a confirmation is awaited nothing comes on top of what may go away again; only the way back, to where it would go anyway,
    /// can be taken early.
    /// </summary>
    public static Failure? WhileAwaiting(DataplaneView view, ChangeOptions options, ConfigEdit edit) => view.InForce.Pending is { } pending
        && !options.DryRun
        && !(edit is RestoreGeneration { Target.Number: var number } && number == pending.Fallback && options.ConfirmWithin is null)
        && edit is not FinishGeneration
        ? new Failure
        {
            Operation = "change",
            Subject = new ObjectRef(ObjectKind.Host),
            Reason = "CONFIRM_AWAITED",
            Message = $"generation {pending.Generation} awaits its confirmation until {pending.ConfirmBefore.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, and may go away again",
            Remedy = $"Confirm generation {pending.Generation}, or Rollback to {pending.Fallback}, and ask again",
            Retryable = true,
        }
        : null;

    /// <summary>
    /// An agent that was told nothing yet, or forgot it, on a host with devices of its former life: what it would have to go back to is not
    /// known to it.
    /// </summary>
    private static Failure? OfConfirm(DataplaneView view, ChangeOptions options) =>
        options.ConfirmWithin is not null && (view.Generation == 0 || view.IsLost) && view.State.OwnedAliases.Any()
        ? new Failure
        {
            Operation = "change",
            Subject = new ObjectRef(ObjectKind.Host),
            Reason = "NOTHING_TO_GO_BACK_TO",
            Message = "this agent does not know what its devices on this host were made for, so it could not go back to that without a confirmation",
            Remedy = "Apply what this host has, without confirm_within; changes from then on can be confirmed",
            FieldPath = "change.confirm_within",
        }
        : null;

    public static Failure NotAwaited(ulong generation) => new()
    {
        Operation = "confirm",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = "NOT_AWAITED",
        Message = $"generation {generation} does not await a confirmation",
        Remedy = "ListHistory tells what became of it",
    };

    /// <summary>What the agent does for itself: nobody's fence is meant for it.</summary>
    public static bool IsAgentsOwn(ConfigEdit edit) => edit is FinishGeneration or RestoreGeneration { Cause: not null };

    private static Failure Lost() => new()
    {
        Operation = "change",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = "DESIRED_STATE_LOST",
        Message = "the agent's desired state cannot be read any more, so it only observes",
        Remedy = "Apply the whole configuration, all sections of it",
    };

    private static Failure Stale(string reason, string fieldPath, string message, string remedy) => new()
    {
        Kind = FailureKind.Aborted,
        Operation = "fence",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = reason,
        Message = message,
        Remedy = remedy,
        FieldPath = fieldPath,
    };
}
