using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;
using FsCheck;
using FsCheck.Fluent;

namespace Cloudbr.Agent.Core.Tests.Planning;

/// <summary>
/// What holds for every host and every configuration. A step that the host in memory refuses breaks all of them: an order that is
/// wrong, a name or a number that is taken, a device that others stand on.
/// </summary>
[Properties(Arbitrary = [typeof(Arbitraries)], QuietOnSuccess = true)]
internal sealed class PlannerProperties
{
    /// <summary>
    /// What stands on a label is designed for the host as it is: an uplink that comes out of one bridge cannot go into another at once,
    /// nor a tunnel be where an address is only about to come.
    /// </summary>
    private static readonly string[] NeedTwoSteps = ["HELD_BY_OTHER", "NO_TUNNEL_ADDRESS"];

    [Property(MaxTest = 2000)]
    public Property Apply_AnyConfigOnAnyHost_Converges(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        return Holds(agent.Apply(scenario.FirstConfig) ? Leftovers(agent) : []);
    }

    [Property(MaxTest = 2000)]
    public Property Apply_FromAnyConfigToAnyOther_ConvergesAndEmptyLeavesNothing(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        var problems = new List<string>();
        foreach (var config in new[] { scenario.FirstConfig, scenario.SecondConfig })
        {
            if (agent.Apply(config))
            {
                problems.AddRange(Leftovers(agent));
            }
        }

        if (agent.Apply(HostConfig.Empty))
        {
            problems.AddRange(agent.Host.State.OwnedAliases.Select(a => $"{a} is left"));
            problems.AddRange(agent.Host.State.Routes.Where(r => r.Protocol == RouteProtocol.Agent).Select(r => $"{StateText.OfRoute(r, agent.Host.State)} is left"));
        }

        return Holds(problems);
    }

    /// <summary>A step may fail anywhere, and what was done is taken back.</summary>
    [Property(MaxTest = 2000)]
    public Property Undo_AfterAnyStep_RestoresTheState(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        var problems = Undone(agent, scenario.FirstConfig).ToList();
        agent.Apply(scenario.FirstConfig);
        problems.AddRange(Undone(agent, scenario.SecondConfig));
        agent.Apply(scenario.SecondConfig);
        problems.AddRange(Undone(agent, HostConfig.Empty));
        return Holds(problems);
    }

    /// <summary>The agent may be killed after any step, and the next one has nothing but the configuration.</summary>
    [Property(MaxTest = 2000)]
    public Property Apply_AfterACrashAtAnyStep_Converges(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        agent.Apply(scenario.FirstConfig);
        var (next, plan) = agent.Make(scenario.SecondConfig);
        var problems = new List<string>();
        if (next is not null && plan.Failures.Count == 0)
        {
            for (var done = 0; done <= plan.Steps.Count; done++)
            {
                var heir = new TestAgent(agent.Host.Clone());
                heir.Host.Apply(plan.Steps.Take(done));
                if (heir.Apply(scenario.SecondConfig))
                {
                    problems.AddRange(Leftovers(heir).Select(p => $"after {done} steps {p}"));
                }
                else
                {
                    // Only the one that was killed knew which uplink was to go.
                    problems.AddRange(heir.Make(scenario.SecondConfig).Plan.Failures.Where(f => f.Reason != "OTHER_UPLINK_IN_BRIDGE").Select(f => $"after {done} steps: {f.Message}"));
                }
            }
        }

        return Holds(problems);
    }

    [Property(MaxTest = 2000)]
    public Property Apply_EditsOneByOneInAnyOrder_EndsAsAllAtOnce(Scenario scenario)
    {
        var oneByOne = new TestAgent(scenario.NewHost());
        if (!oneByOne.Apply(scenario.FirstConfig))
        {
            return Holds([]);
        }

        var atOnce = oneByOne.Clone();
        var (first, final, dice) = (scenario.FirstConfig, scenario.SecondConfig, new Dice(scenario.Order));
        var others = ReplaceConfig.AllSections.Where(s => s != ConfigSection.Networks).ToHashSet();
        var edits = new List<ConfigEdit>();
        edits.AddRange(dice.Shuffled(first.Networks.Where(n => !final.Networks.TryGetValue(n.Key, out var kept) || kept != n.Value).Select(n => new RemoveNetwork(n.Key))));
        edits.Add(new ReplaceConfig(final, others));
        edits.AddRange(dice.Shuffled(final.Networks.Values.Select(n => new PutNetwork(n))));
        var config = first;
        foreach (var edit in edits)
        {
            config = edit.ApplyTo(config);
            if (!oneByOne.Apply(config, Touched(edit)))
            {
                return Holds([]);
            }
        }

        return Holds(atOnce.Apply(final)
            ? [.. Difference(Owned(atOnce.Host.State), Owned(oneByOne.Host.State)), .. Leftovers(oneByOne), .. Leftovers(atOnce)]
            : atOnce.Make(final).Plan.Failures.Where(f => !NeedTwoSteps.Contains(f.Reason)).Select(f => $"one by one it can be done, at once not: {f.Message}"));
    }

    [Property(MaxTest = 2000)]
    public Property Apply_AnyConfig_LeavesAloneWhatIsNotItsOwn(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        var problems = new List<string>();
        var labels = Managed(scenario.FirstConfig).Concat(Managed(scenario.SecondConfig)).ToHashSet();
        foreach (var config in new[] { scenario.FirstConfig, scenario.SecondConfig, HostConfig.Empty })
        {
            var before = agent.Host.State;
            agent.Apply(config);
            problems.AddRange(Foreign.Touched(before, agent.Host.State, labels, config.ControlNetwork));
        }

        return Holds(problems);
    }

    [Property(MaxTest = 2000)]
    public Property Apply_WithoutAllowDisruption_InterruptsNoPort(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        var problems = new List<string>();
        foreach (var config in new[] { scenario.FirstConfig, scenario.SecondConfig, HostConfig.Empty })
        {
            var (next, plan) = agent.Make(config, allowDisruption: false);
            if (next is null || plan.Failures.Count > 0)
            {
                continue;
            }

            var before = agent.Host.State;
            problems.AddRange(plan.Steps.Where(s => s.Disruptive).Select(s => $"{s} is disruptive"));
            agent.Apply(config, allowDisruption: false);
            problems.AddRange(Ports.Interrupted(before, agent.Host.State));
        }

        return Holds(problems);
    }

    [Property(MaxTest = 2000)]
    public Property Apply_AtNoStep_IsADeviceNarrowerThanWhatIsAbove(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        var problems = new List<string>();
        foreach (var config in new[] { scenario.FirstConfig, scenario.SecondConfig, HostConfig.Empty })
        {
            var (next, plan) = agent.Make(config);
            var uplinks = (next?.Underlays.Values.Select(u => $"{u.Bridge} {u.Uplink}") ?? []).ToHashSet();
            var before = Chains.Narrowings(agent.Host.State, uplinks, owned: false);
            var trial = agent.Host.Clone();
            for (var i = 0; next is not null && plan.Failures.Count == 0 && i < plan.Steps.Count; i++)
            {
                trial.Apply(plan.Steps[i]);

                // What is made anew in a moment is out of use already.
                var doomed = plan.Steps.Skip(i + 1).OfType<DeleteLink>().Select(d => d.Spec.Name).ToHashSet();
                problems.AddRange(Chains.Narrowings(trial.State, uplinks, owned: true)
                    .Where(n => !before.ContainsKey(n.Key) && !doomed.Overlaps(n.Key.Split(' '))).Select(n => $"after step {i + 1}, {plan.Steps[i]}: {n.Value}"));
            }

            agent.Apply(config);
        }

        return Holds(problems);
    }

    /// <summary>CloudStack's scripts made them, guests use them: they become the agent's as they are.</summary>
    [Property(MaxTest = 2000)]
    public Property Apply_DevicesThatFit_AreAdoptedAndNeverMadeAnew(Scenario scenario)
    {
        var agent = new TestAgent(scenario.NewHost());
        var (next, plan) = agent.Make(scenario.FirstConfig, allowDisruption: false);
        if (next is null || plan.Failures.Count > 0)
        {
            return Holds([]);
        }

        var before = agent.Host.State;
        agent.Apply(scenario.FirstConfig, allowDisruption: false);
        return Holds(before.Links.Where(l => next.Claims.ContainsKey(l.Name) && Ownership.Read(l.Alias) is null)
            .Where(l => agent.Host.State.Find(l.Index)?.Alias != new Ownership(Ownership.Network, next.Claims[l.Name]).Alias)
            .Select(l => $"{l.Name} was not adopted"));
    }

    /// <summary>Properties of plans that can never be made would say nothing.</summary>
    [Test]
    public void Scenarios_OftenEnough_CanBeApplied()
    {
        var (first, second, steps) = (0, 0, 0);
        for (var seed = 0; seed < 500; seed++)
        {
            var scenario = Arbitraries.Roll(new Dice(seed));
            var agent = new TestAgent(scenario.NewHost());
            steps += agent.Make(scenario.FirstConfig).Plan.Steps.Count;
            first += agent.Apply(scenario.FirstConfig) ? 1 : 0;
            second += agent.Apply(scenario.SecondConfig) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"of 500 {first} first and {second} second configurations could be applied, in {steps} steps");
        Assert.That(first, Is.GreaterThan(150));
        Assert.That(second, Is.GreaterThan(150));
    }

    private static IEnumerable<string> Leftovers(TestAgent agent)
    {
        var (_, again) = agent.Make(agent.Desired.Config);
        return
        [
            .. agent.Verify().Select(f => f.Message),
            .. again.Steps.Select(s => $"a second plan has {s}"),
            .. again.Failures.Select(f => $"a second plan fails: {f.Message}"),
        ];
    }

    private static IEnumerable<string> Undone(TestAgent agent, HostConfig config)
    {
        var (next, plan) = agent.Make(config);
        if (next is null || plan.Failures.Count > 0)
        {
            yield break;
        }

        var before = StateText.Of(agent.Host.State);
        for (var done = 1; done <= plan.Steps.Count; done++)
        {
            var trial = agent.Host.Clone();
            var steps = plan.Steps.Take(done).ToList();
            trial.Apply(steps);
            var failure = "";
            try
            {
                TestAgent.Undo(trial, steps);
            }
            catch (KernelRefusedException refusal)
            {
                failure = $"undoing {done} steps, the last {steps[^1]}, fails: {refusal.Message}";
            }

            if (failure.Length > 0)
            {
                yield return failure;
                yield break;
            }

            if (Difference(before, StateText.Of(trial.State)).ToList() is { Count: > 0 } differences)
            {
                yield return $"undoing {done} steps, the last {steps[^1]}, leaves\n{string.Join('\n', differences)}";
                yield break;
            }
        }
    }

    private static IReadOnlyCollection<string>? Touched(ConfigEdit edit) => edit switch
    {
        PutNetwork put => [put.Network.Id],
        RemoveNetwork remove => [remove.Id],
        _ => null,
    };

    private static IEnumerable<string> Managed(HostConfig config) => config.PhysicalNetworks.Values
        .Where(p => p.Mode == PhysicalNetworkMode.Manage).SelectMany(p => new[] { p.Label, p.Uplink });

    /// <summary>What is the agent's; the kernel chooses the MACs of tunnels.</summary>
    private static List<string> Owned(HostState state) =>
    [
        .. state.Links.Where(l => Ownership.Read(l.Alias) is not null)
            .SelectMany(l => StateText.OfLink(l.Kind == LinkKind.Bridge ? l : l with { Mac = null }, state))
            .Concat(state.Routes.Where(r => r.Protocol == RouteProtocol.Agent).Select(r => StateText.OfRoute(r, state))).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Difference(IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        before.Except(after).Select(l => $"- {l}").Concat(after.Except(before).Select(l => $"+ {l}"));

    private static Property Holds(IEnumerable<string> problems)
    {
        var found = problems.Distinct().ToList();
        return (found.Count == 0).Label(string.Join('\n', found));
    }
}
