using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>Fences, designs and plans the changes of a turn, each on top of the ones before it. What cannot be done has its answer then.</summary>
internal sealed class TurnPlanner(DataplaneSetup setup, DataplaneView view, IReadOnlyList<WaitingChange> asked, ChangeAnswers answers)
{
    /// <summary>The view that it was given, with what had to be read anew.</summary>
    public DataplaneView View { get; private set; } = view;

    /// <summary>Those that can be done, each planned; the others have their answers.</summary>
    public List<Member> Plan(List<int> waiting)
    {
        while (true)
        {
            var started = answers.Clock.Now;
            var members = Design(waiting);
            if (members.Count == 0)
            {
                return members;
            }

            if (members[0].Scope.Networks is not null)
            {
                // What the kernel does not report is seen, too, where it costs one question.
                View = View with { State = setup.Kernel.ReadLinks(View.State, [.. members.SelectMany(m => m.Links)]) };
            }

            var desired = members[^1].Desired = setup.Complete(members[^1].Desired, View.State);

            // The packet filter is one thing for all of them.
            var own = members.Count == 1 ? desired : desired with { Filter = null };
            foreach (var member in members)
            {
                member.Plan = Planner.Make(View.Desired, own, View.State, member.Scope, member.Change.Options.AllowDisruption);
                if (member.Plan.Failures.Count > 0)
                {
                    answers.Refuse(member.At, member.Plan.Failures, View);
                }
            }

            answers.Clock.Spent(ChangeStage.Plan, started);
            if (members.TrueForAll(m => !answers.Has(m.At)))
            {
                return members;
            }

            // Those that are left are designed anew, without what was refused.
            waiting = [.. members.Where(m => !answers.Has(m.At)).Select(m => m.At)];
        }
    }

    /// <summary>Each on top of the ones before it.</summary>
    private List<Member> Design(List<int> waiting)
    {
        var members = new List<Member>(waiting.Count);
        var (desired, generation) = (View.Desired, View.Generation);
        foreach (var at in waiting)
        {
            var (options, edit) = (asked[at].Options, asked[at].Edit);
            if (Fence.Of(View, options, edit, generation) is { } stale)
            {
                answers.Refuse(at, [stale], View);
                continue;
            }

            var config = edit.ApplyTo(desired.Config).SettleOn(desired.Config);
            if (StandingRules.Of(edit, desired.Config, config) is { } misfit)
            {
                answers.Refuse(at, [misfit], View);
                continue;
            }

            var touched = asked[at].Networks;
            Look(edit, config, touched);
            var set = new ProviderSet(setup.Providers, config.Providers);
            var failures = new List<Failure>();
            if (Designer.Next(desired, config, touched, View.State, set, failures) is not { } next)
            {
                answers.Refuse(at, failures, View);
                continue;
            }

            next = next with { Undeclared = Intents.Undeclared(edit, next.Undeclared), Former = Intents.Former(edit, View.InForce) };
            var isNew = !ReferenceEquals(next.Config, desired.Config) || edit is RestoreGeneration or FinishGeneration;
            if (isNew && Fence.WhileAwaiting(View, options, edit) is { } awaited)
            {
                answers.Refuse(at, [awaited], View);
                continue;
            }

            var previous = generation;
            generation = edit is FinishGeneration { Begun.Number: var begun } ? begun : isNew ? generation + 1 : generation;
            members.Add(new Member(at, asked[at], next, set, asked[at].Scope, previous, generation));
            desired = next;
        }

        return members;
    }

    /// <summary>What has to be read before it can be designed.</summary>
    private void Look(ConfigEdit edit, HostConfig config, IReadOnlyCollection<string>? touched)
    {
        if (edit is Resync || WakesProvider(config))
        {
            View = View with { State = setup.Kernel.ReadAll(), AsOf = setup.Time.GetUtcNow() };
        }

        if (touched is null || (edit is PutNetwork put && SettingsPlanner.IsOnForeignBridge(put.Network)))
        {
            View = View with { State = setup.Kernel.ReadSettings(View.State, [.. SettingsPlanner.Names(config).Concat(Intents.Former(edit, View.InForce).Keys)]) };
        }
    }

    /// <summary>A provider that comes back into use does not know what happened meanwhile.</summary>
    private bool WakesProvider(HostConfig config) =>
        View.Desired.Config.Providers.Any(p => !p.Enabled && !config.IsSwitchedOff(p.Name));
}
