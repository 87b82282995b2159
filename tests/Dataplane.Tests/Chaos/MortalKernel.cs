using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Tests.Changes;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// The kernel of an agent that may die before any of its steps. It reports what changed, device by device, and can lose reports, be
/// unreadable, refuse a step once, and have others change something between two steps. All of it happens on the loop's thread.
/// </summary>
internal sealed class MortalKernel(MemoryHost host, Doom doom) : IHostKernel
{
    private readonly SemaphoreSlim _woken = new(0);
    private readonly ConcurrentQueue<Action> _visits = new();
    private HostState? _followed;

    /// <summary>It cannot be read so often, counted from <see cref="ReadsBeforeFailing"/>.</summary>
    public int FailingReads { get; set; }

    public int ReadsBeforeFailing { get; set; }

    /// <summary>Reports were lost.</summary>
    public bool IsOverrun { get; set; }

    /// <summary>What somebody else does before the agent's n-th step from here.</summary>
    public (int Steps, Action Do)? Meddling { get; set; }

    /// <summary>How many steps were taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Has this done by the loop's thread when the next question is answered.</summary>
    public void Visit(Action action) => _visits.Enqueue(action);

    public HostState ReadAll()
    {
        IsOverrun = false;
        return Read("read");
    }

    public HostState Follow(HostState known, out KernelChange change)
    {
        var state = Read("follow");
        var former = _followed;
        _followed = state;
        var isOverrun = IsOverrun;
        IsOverrun = false;
        change = isOverrun || former is null ? KernelChange.Anything
            : ReferenceEquals(state, former) ? KernelChange.None
            : new KernelChange { Devices = Differing(former, state) };
        return state;
    }

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known)
    {
        var outcomes = new StepOutcome[steps.Count];
        for (var i = 0; i < steps.Count; i++)
        {
            Meddle();
            Pass($"step {steps[i].GetType().Name} {steps[i].Subject}");
            try
            {
                host.Apply(steps[i]);
                Steps++;
                outcomes[i] = StepOutcome.Applied;
            }
            catch (KernelRefusedException e)
            {
                outcomes[i] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[i].Subject, e.Message));
                break;
            }
        }

        return outcomes;
    }

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps) => Read("read back");

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names) => Read("read links");

    public HostState ReadSettings(HostState known, IReadOnlyCollection<string> names) => Read("read settings");

    public IReadOnlyList<ForwardingEntry> ReadForwarding()
    {
        if (_visits.TryDequeue(out var visit))
        {
            visit();
        }

        return [];
    }

    public void Wait(TimeSpan? limit) => _woken.Wait();

    public void Wake() => _woken.Release();

    public void Dispose() => _woken.Dispose();

    private void Meddle()
    {
        if (Meddling is { } meddling)
        {
            Meddling = meddling.Steps > 0 ? (meddling.Steps - 1, meddling.Do) : null;
            if (meddling.Steps == 0)
            {
                meddling.Do();
            }
        }
    }

    private HostState Read(string what)
    {
        if (doom.IsDead)
        {
            throw Unreadable("the agent died");
        }

        if (FailingReads > 0 && --ReadsBeforeFailing < 0)
        {
            FailingReads--;
            throw Unreadable($"cannot {what}");
        }

        return host.State;
    }

    private void Pass(string what)
    {
        try
        {
            doom.Pass(what);
        }
        catch (MachineStoppedException e)
        {
            throw new KernelException(FakeKernel.Refusal(new ObjectRef(ObjectKind.Host), "the agent died"), e);
        }
    }

    private static KernelException Unreadable(string message) => new(FakeKernel.Refusal(new ObjectRef(ObjectKind.Host), message));

    /// <summary>Devices of which anything is not as it was, by name.</summary>
    private static ImmutableHashSet<string> Differing(HostState before, HostState after)
    {
        var devices = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var (one, other) in new[] { (before, after), (after, before) })
        {
            foreach (var link in one.Links)
            {
                if (other.Find(link.Index) != link
                    || !one.Addresses(link.Index).SequenceEqual(other.Addresses(link.Index))
                    || !one.Forwarding(link.Index).SetEquals(other.Forwarding(link.Index))
                    || !one.RoutesVia(link.Index).ToHashSet().SetEquals(other.RoutesVia(link.Index)))
                {
                    devices.Add(link.Name);
                }
            }
        }

        return devices.ToImmutable();
    }
}
