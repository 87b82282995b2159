using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>A kernel whose packet filter is programmed with the host's tools; for all else it is the kernel that it is given, and owns.</summary>
/// <param name="kernel">For all else; it ends its waiting when <paramref name="news"/> has something.</param>
/// <param name="filter">Programs and reads the packet filter.</param>
/// <param name="news">Who changed it; null where nobody tells.</param>
/// <param name="legacy">Whether somebody changed it where nobody tells; null where there is no such place.</param>
/// <param name="time">The clock.</param>
public sealed class FilteringKernel(IHostKernel kernel, FilterDriver filter, FilterMonitor? news, LegacyWatch? legacy, TimeProvider time) : IHostKernel
{
    /// <summary>Others change their own rules as often as they like: so often it is looked whether ours are among them.</summary>
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether there ever was anything of ours in it, or was to be.</summary>
    private bool _isInUse;

    /// <summary>Somebody else changed the filter since it was last read; what, nobody knows.</summary>
    private bool _isSuspect;

    /// <summary>Why it could not be read, and was taken for empty.</summary>
    private Failure? _unreadable;

    private long _looked;

    private readonly OtherBridges _otherBridges = OtherBridges.OnThisHost();

    /// <summary>This host's, or that of another network namespace.</summary>
    /// <param name="filter">Programs and reads the packet filter.</param>
    /// <param name="tools">Which backend each of its tools writes to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="networkNamespace">Null: the calling thread's.</param>
    public static FilteringKernel Open(FilterDriver filter, IEnumerable<FirewallTool> tools, TimeProvider time, SafeFileHandle? networkNamespace = null)
    {
        var kernel = LinuxKernel.Open(networkNamespace);
        return new FilteringKernel(kernel, filter, Listen(kernel, networkNamespace), LegacyWatch.Open(tools, networkNamespace), time);
    }

    /// <summary>Null on a kernel without nf_tables.</summary>
    public static FilterMonitor? Listen(LinuxKernel kernel, SafeFileHandle? networkNamespace)
    {
        try
        {
            var news = FilterMonitor.Open(networkNamespace);
            kernel.AlsoWaitFor(news.Descriptor);
            return news;
        }
        catch (NetlinkException)
        {
            return null;
        }
    }

    public HostState ReadAll() => With(kernel.ReadAll(), ReadFilter());

    public HostState Follow(HostState known, out KernelChange change)
    {
        var state = With(kernel.Follow(known, out change), known.Filter);
        _isSuspect |= news?.Drain(filter.IsOurs) == false;
        _isSuspect = _isSuspect || legacy?.HasChanged() == true;
        if (!_isSuspect || !_isInUse || UntilLook() > TimeSpan.Zero)
        {
            return state;
        }

        var rules = ReadFilter();
        if (rules.IsSameAs(known.Filter))
        {
            return state;
        }

        change = change with { Filter = true };
        return With(state, rules);
    }

    /// <summary>Steps that change the filter stand together: they are one change.</summary>
    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known)
    {
        var outcomes = new StepOutcome[steps.Count];
        for (var from = 0; from < steps.Count;)
        {
            var isFilter = steps[from] is ChangeFilter;
            var end = from + 1;
            while (end < steps.Count && steps[end] is ChangeFilter == isFilter)
            {
                end++;
            }

            var part = steps.Skip(from).Take(end - from).ToArray();
            var done = isFilter ? Program(part, known.Filter) : kernel.Apply(part, known);
            done.CopyTo(outcomes, from);
            if (Array.Exists(done, o => o.Result == StepResult.Refused))
            {
                break;
            }

            from = end;
        }

        return outcomes;
    }

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps)
    {
        var filtering = steps.OfType<ChangeFilter>().ToList();
        var state = filtering.Count == steps.Count && steps.Count > 0
            ? known
            : With(kernel.ReadBack(known, [.. steps.Where(s => s is not ChangeFilter)]), known.Filter);
        return filtering.Count == 0 ? state : With(state, filter.ReadBack(known.Filter, filtering[0].Before, filtering[^1].After).SettleOn(filtering[^1].After));
    }

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names) => With(kernel.ReadLinks(known, names), known.Filter);

    public HostState ReadSettings(HostState known, IReadOnlyCollection<string> names) => With(kernel.ReadSettings(known, names), known.Filter);

    public IReadOnlyList<ForwardingEntry> ReadForwarding() => kernel.ReadForwarding();

    public void Wait(TimeSpan? limit)
    {
        if (_isInUse && (_isSuspect || legacy is not null))
        {
            var left = _isSuspect ? UntilLook() : LegacyWatch.Pause;
            limit = limit is null || left < limit ? left : limit;
        }

        kernel.Wait(limit);
    }

    public void Wake() => kernel.Wake();

    public void Dispose()
    {
        kernel.Dispose();
        news?.Dispose();
        legacy?.Dispose();
    }

    private TimeSpan UntilLook()
    {
        var left = _looked == 0 ? TimeSpan.Zero : LookPause - time.GetElapsedTime(_looked);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>
    /// A host that has nothing to filter may have tools that do not work: that is nobody's trouble until something is to be filtered,
    /// and then what they said is said.
    /// </summary>
    private Ruleset ReadFilter()
    {
        try
        {
            // What is told from here on is not in what is read now.
            news?.Drain(filter.IsOurs);
            legacy?.Look();
            _isSuspect = false;
            _looked = time.GetTimestamp();
            var rules = filter.Read();
            _isInUse |= !rules.IsSameAs(Ruleset.Empty);
            _isSuspect = legacy?.Follow(rules) == false;
            _unreadable = null;
            return rules;
        }
        catch (KernelException e) when (!_isInUse)
        {
            _unreadable = e.Failure;
            return Ruleset.Empty;
        }
    }

    /// <summary>Somebody else may have changed what was known: then it is read, and tried once more.</summary>
    private StepOutcome[] Program(PlanStep[] steps, Ruleset known)
    {
        var wanted = ((ChangeFilter)steps[^1]).After;
        if (_unreadable is not null)
        {
            known = ReadFilter();
        }

        if (_unreadable is { } unread)
        {
            return Refuse(steps, 0, unread);
        }

        if (wanted.Tables[TableId.Raw4].Chains.Count > 0 && _otherBridges.LeaveAlone(filter.TryPortRule) is { } harm)
        {
            return Refuse(steps, 0, harm);
        }

        _isInUse = true;
        var failure = filter.Change(known, wanted);
        if (failure is not null && ReadFilter() is var actual && !actual.IsSameAs(known))
        {
            (known, failure) = (actual, filter.Change(actual, wanted));
        }

        if (failure is null)
        {
            _isSuspect |= legacy?.Follow(known, wanted) == false;
            return [.. steps.Select(_ => StepOutcome.Applied)];
        }

        // What was begun was taken back, and that is looked at as well.
        _isSuspect |= legacy is not null;

        // Whose rules it complains of is to blame; the others were not reached.
        var guilty = Math.Max(0, Array.FindIndex(steps, s => s.Subject == failure.Subject));
        return Refuse(steps, guilty, failure);
    }

    private static StepOutcome[] Refuse(PlanStep[] steps, int guilty, Failure failure) =>
        [.. steps.Select((_, i) => i == guilty ? new StepOutcome(StepResult.Refused, failure) : default)];

    private static HostState With(HostState state, Ruleset rules)
    {
        if (ReferenceEquals(state.Filter, rules))
        {
            return state;
        }

        var builder = state.ToBuilder();
        builder.Filter = rules;
        return builder.ToState();
    }
}
