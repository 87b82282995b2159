using System.Diagnostics;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>The real kernel, with a count of what is written, and refusals, strangers and delays put in where a test wants them.</summary>
internal sealed class CountingKernel(LinuxKernel kernel) : IHostKernel
{
    /// <summary>More than any device takes.</summary>
    private const int TooLarge = 10_000_000;

    private readonly Lock _idle = new();
    private readonly SemaphoreSlim _looked = new(0);

    public long Writes => kernel.Writes;

    public int? RefuseStep { get; set; }

    public int? SpoilStep { get; set; }

    public Action? BeforeApply { get; set; }

    public Action? BeforeFollow { get; set; }

    public Func<string, bool>? HideSettings { get; set; }

    /// <summary>How often reports were lost and everything was read anew.</summary>
    public int ReadAnew { get; private set; }

    public HostState ReadAll() => kernel.ReadAll();

    public HostState Follow(HostState known, out KernelChange change)
    {
        BeforeFollow?.Invoke();
        var state = kernel.Follow(known, out change);
        ReadAnew += change.ReadAnew ? 1 : 0;
        return state;
    }

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known)
    {
        if (BeforeApply is { } stranger)
        {
            BeforeApply = null;
            stranger();
        }

        if (SpoilStep is { } spoiled && spoiled < steps.Count)
        {
            SpoilStep = null;
            return kernel.Apply([.. steps.Select((step, i) => i == spoiled ? Spoil(step) : step)], known);
        }

        if (RefuseStep is not { } at || at >= steps.Count)
        {
            return kernel.Apply(steps, known);
        }

        RefuseStep = null;
        var outcomes = new StepOutcome[steps.Count];
        kernel.Apply([.. steps.Take(at)], known).CopyTo(outcomes, 0);
        outcomes[at] = new StepOutcome(StepResult.Refused, new Failure
        {
            Operation = "test",
            Subject = steps[at].Subject,
            Reason = "INJECTED",
            Message = $"the test refuses step {at}",
        });
        return outcomes;
    }

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps) => kernel.ReadBack(known, steps);

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names) => kernel.ReadLinks(known, names);

    public HostState ReadSettings(HostState known, IReadOnlyCollection<string> names)
    {
        var asked = names.ToList();
        var builder = kernel.ReadSettings(known, asked).ToBuilder();
        foreach (var name in asked.Where(n => HideSettings?.Invoke(n) == true))
        {
            builder.PutSetting(name, null);
        }

        return builder.ToState();
    }

    public IReadOnlyList<ForwardingEntry> ReadForwarding() => kernel.ReadForwarding();

    /// <summary>The loop comes here when what it took in is published and there is nothing to do.</summary>
    public void Wait(TimeSpan? limit)
    {
        lock (_idle)
        {
            if (_looked.CurrentCount == 0)
            {
                _looked.Release();
            }
        }

        kernel.Wait(limit);
    }

    public void Wake() => kernel.Wake();

    /// <summary>Until the condition holds, looking again whenever the loop has nothing to do. False when the time is up.</summary>
    public bool WaitUntil(Func<bool> condition, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            var left = limit - clock.Elapsed;
            if (left <= TimeSpan.Zero || !_looked.Wait(left))
            {
                return condition();
            }
        }

        return true;
    }

    public void Dispose() => kernel.Dispose();

    /// <summary>A step that the kernel itself refuses, in the place of this one and sent together with its neighbours.</summary>
    private static PlanStep Spoil(PlanStep step) => step switch
    {
        CreateLink create => create with
        {
            Spec = create.Spec with { Kind = "no-such-kind", Bridge = null, Vlan = null, Vxlan = null, Parent = null },
        },
        SetSetting setting => setting with { Name = "net.no_such_setting" },
        _ => new ChangeLink(step.Subject, step.Action, DeviceOf(step), "", new LinkChange { Mtu = TooLarge }, new LinkChange()),
    };

    private static string DeviceOf(PlanStep step) => step switch
    {
        DeleteLink delete => delete.Spec.Name,
        ChangeLink change => change.Link,
        AddAltName name => name.Link,
        RemoveAltName name => name.Link,
        AddAddress address => address.Link,
        RemoveAddress address => address.Link,
        AddRoute route => route.Link,
        RemoveRoute route => route.Link,
        MoveRoute route => route.To,
        AddForwarding entry => entry.Link,
        RemoveForwarding entry => entry.Link,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "no device"),
    };
}
