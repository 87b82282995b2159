using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>The generations that a turn makes: one for each change that makes one. The last one is what the journal gets.</summary>
internal static class Intents
{
    public static List<Generation> Of(DataplaneView view, List<Member> members, Plan plan, DateTimeOffset acceptedAt, DateTimeOffset now)
    {
        var intents = new List<Generation>();
        var former = view.Desired.Config;
        var settings = PreviousSettings(view, plan.Steps).RemoveRange(members[^1].Desired.Former.Keys);
        foreach (var member in members)
        {
            var options = member.Change.Options;
            var isNew = member.Generation != member.Previous;
            var isDeclared = member == members[^1] && !member.Desired.Undeclared.SetEquals(view.InForce.Undeclared);
            if (member.Change.Edit is FinishGeneration { Begun: var begun })
            {
                intents.Add(begun);
            }
            else if (isNew || isDeclared)
            {
                intents.Add(new Generation
                {
                    Entry = isNew ? Entry(member, former, acceptedAt) : view.InForce.Entry,
                    Config = member.Desired.Config,
                    Undeclared = member.Desired.Undeclared,
                    PreviousSettings = settings,
                    Pending = !isNew ? view.InForce.Pending
                        : options.ConfirmWithin is { } within ? new PendingConfirm(member.Generation, member.Previous, now + within)
                        : null,
                    LastConfirm = isNew ? LastConfirm(view.InForce) : view.InForce.LastConfirm,
                });
            }

            former = member.Desired.Config;
        }

        return intents;
    }

    /// <summary>What is told of a section as a whole is known from then on.</summary>
    public static ImmutableHashSet<ConfigSection> Undeclared(ConfigEdit edit, ImmutableHashSet<ConfigSection> before) => edit switch
    {
        ReplaceConfig { Sections: var declared } => before.Except(declared),

        // What was told since is known: what only the newer generation had goes.
        RestoreGeneration { Target.Undeclared: var then } => then.Intersect(before),
        FinishGeneration { Begun.Undeclared: var then } => then,
        _ => before,
    };

    /// <summary>Settings that nobody asks for any more, as they were before the agent: for who goes back.</summary>
    public static ImmutableDictionary<string, string> Former(ConfigEdit edit, Generation inForce) => edit switch
    {
        RestoreGeneration { Target.Config.Settings: var wanted } => inForce.PreviousSettings.RemoveRange(SettingsPlanner.Wanted(wanted).Select(s => s.Name)),

        // It may be a way back that was begun, and let go of them.
        FinishGeneration { Begun.PreviousSettings: var kept } => inForce.PreviousSettings.RemoveRange(kept.Keys),
        _ => inForce.PreviousSettings.Clear(),
    };

    /// <summary>On top of one that awaits its confirmation comes only the way back.</summary>
    private static ConfirmResult? LastConfirm(Generation inForce) => inForce.Pending is not null ? new ConfirmResult(inForce.Number, IsGiven: false)
        : inForce.Entry.Confirmation == Confirmation.Given ? new ConfirmResult(inForce.Number, IsGiven: true)
        : inForce.LastConfirm;

    private static HistoryEntry Entry(Member member, HostConfig former, DateTimeOffset acceptedAt)
    {
        var (options, edit) = (member.Change.Options, member.Change.Edit);
        return new HistoryEntry
        {
            Generation = member.Generation,
            AcceptedAt = acceptedAt,
            Caller = options.Caller,
            RequestId = options.RequestId,
            Term = options.Term,
            Method = options.Method,
            Summary = ChangeSummary.Of(edit, former, member.Desired.Config),
            Note = options.Note,
            Outcome = options.ConfirmWithin is null ? ChangeOutcome.Applied : ChangeOutcome.AwaitingConfirm,
            Confirmation = options.ConfirmWithin is null ? Confirmation.NotAsked : Confirmation.Awaited,
            Restores = edit is RestoreGeneration restore ? restore.Target.Number : null,
        };
    }

    private static ImmutableDictionary<string, string> PreviousSettings(DataplaneView view, IReadOnlyList<PlanStep> steps)
    {
        var all = view.InForce.PreviousSettings;
        foreach (var step in steps.OfType<SetSetting>())
        {
            all = all.ContainsKey(step.Name) ? all : all.Add(step.Name, step.Before);
        }

        return all;
    }
}
