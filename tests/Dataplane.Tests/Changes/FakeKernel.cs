using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>A kernel in memory behind the loop's seam, that can be made to refuse, to lie, to race and to be unreadable.</summary>
internal sealed class FakeKernel(MemoryHost host) : IHostKernel
{
    private readonly SemaphoreSlim _woken = new(0);
    private HostState? _followed;

    public MemoryHost Host => host;

    /// <summary>How often everything was read anew.</summary>
    public int ReadAlls { get; private set; }

    /// <summary>Called in the place of <see cref="Apply"/>, with the real thing at hand.</summary>
    public Func<IReadOnlyList<PlanStep>, Func<IReadOnlyList<PlanStep>, StepOutcome[]>, StepOutcome[]>? OnApply { get; set; }

    /// <summary>Somebody else's work: done after each application of steps, before it is read back.</summary>
    public Action? Meddle { get; set; }

    /// <summary>It reports nothing.</summary>
    public bool IsMute { get; set; }

    /// <summary>Called on the loop's thread, which waits for it.</summary>
    public Action? OnReadForwarding { get; set; }

    public Failure? Unreadable { get; set; }

    public Action? OnWake { get; set; }

    /// <summary>The loop has nothing to do.</summary>
    public Action? OnWait { get; set; }

    /// <summary>It could be read.</summary>
    public Action? OnRead { get; set; }

    public HostState ReadAll()
    {
        ReadAlls++;
        return Read();
    }

    public HostState Follow(HostState known, out KernelChange change)
    {
        if (IsMute)
        {
            change = KernelChange.None;
            return known;
        }

        var state = Read();
        change = ReferenceEquals(state, _followed) ? KernelChange.None
            : new KernelChange { Devices = [.. state.Links.Concat(_followed?.Links ?? []).Select(l => l.Name)] };
        _followed = state;
        return state;
    }

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known)
    {
        var outcomes = OnApply?.Invoke(steps, Take) ?? Take(steps);
        Meddle?.Invoke();
        return outcomes;
    }

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps) => Read();

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names) => Read();

    public HostState ReadSettings(HostState known, IReadOnlyCollection<string> names) => Read();

    public IReadOnlyList<ForwardingEntry> ReadForwarding()
    {
        OnReadForwarding?.Invoke();
        return [];
    }

    /// <summary>Time passes by <see cref="Wake"/>: tests set the clock.</summary>
    public void Wait(TimeSpan? limit)
    {
        OnWait?.Invoke();
        _woken.Wait();
    }

    public void Wake()
    {
        OnWake?.Invoke();
        _woken.Release();
    }

    public void Dispose() => _woken.Dispose();

    private HostState Read()
    {
        if (Unreadable is { } failure)
        {
            throw new KernelException(failure);
        }

        OnRead?.Invoke();
        return host.State;
    }

    private StepOutcome[] Take(IReadOnlyList<PlanStep> steps)
    {
        var outcomes = new StepOutcome[steps.Count];
        for (var i = 0; i < steps.Count; i++)
        {
            try
            {
                host.Apply(steps[i]);
                outcomes[i] = StepOutcome.Applied;
            }
            catch (KernelRefusedException e)
            {
                outcomes[i] = new StepOutcome(StepResult.Refused, Refusal(steps[i].Subject, e.Message));
                break;
            }
        }

        return outcomes;
    }

    public static Failure Refusal(ObjectRef subject, string message) => new()
    {
        Operation = "test", Subject = subject, Reason = "KERNEL_REFUSED", Message = message,
    };
}
