using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>What is worth keeping, before it has its number: to whom it may matter, and about how much memory it takes.</summary>
internal sealed record RetainedEvent
{
    private RetainedEvent(EventPayload payload, ImmutableArray<Topic> topics, IReadOnlyCollection<string>? names)
    {
        Payload = payload;
        Topics = topics;
        Names = names;
        Bytes = EventSize.Of(payload, names);
    }

    public EventPayload Payload { get; }

    /// <summary>A stream that carries one of these gets it.</summary>
    public ImmutableArray<Topic> Topics { get; }

    /// <summary>What it is about; null if it is about everything.</summary>
    public IReadOnlyCollection<string>? Names { get; }

    public int Bytes { get; }

    /// <param name="report">As the request's caller got it.</param>
    /// <param name="also">What the request was about, where no step says it.</param>
    public static RetainedEvent Of(ChangeReport report, IEnumerable<string> also) =>
        new(new ChangeEvent(ShortReport.Of(report)), [Topic.Change], ConcernedNames.In(report, also));

    public static RetainedEvent Of(Drift drift) => new(new DriftEvent(drift), [Topic.Drift], ConcernedNames.In([drift.Subject], drift.Label));

    public static RetainedEvent Of(Finding finding) => new(
        new FindingEvent(finding), [Topic.Finding], ConcernedNames.In([finding.Subject, .. finding.Affected], finding.Label));

    /// <param name="before">Where the port's device was.</param>
    /// <param name="now">Where it is.</param>
    /// <param name="followed">Until its rules had followed.</param>
    public static RetainedEvent Of(PortDesign before, PortDesign now, TimeSpan? followed) => new(
        new PortEvent(now.Port.NicId, before.Presence, now.Presence, now.DeviceHere, now.Bridge, now.GuestMtu, followed),
        [Topic.Port],
        ConcernedNames.In(before, now));

    /// <summary>
    /// Links, ports and drift are what the kernel's reports tell of: what came and went between two of them is not known, whatever device it was.
    /// </summary>
    public static RetainedEvent KernelOverrun() =>
        new(new Gap(GapCause.KernelOverrun, null, 0, 0), [Topic.Link, Topic.Drift, Topic.Port], null);
}
