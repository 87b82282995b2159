using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane;

/// <summary>What the reconcile loop works with.</summary>
public sealed record DataplaneSetup
{
    /// <summary>By which this host's bridges' MACs differ from other hosts'.</summary>
    public required string Hostname { get; init; }

    /// <summary>The loop owns it.</summary>
    public required IHostKernel Kernel { get; init; }

    public required IReadOnlyList<INetworkProvider> Providers { get; init; }

    /// <summary>Null on a host whose packet filter is not the agent's business.</summary>
    public IFilterDesigner? Filter { get; init; }

    /// <summary>
    /// What is wrong with the host, as far as its packet filter is used so. It may start processes: it is asked with each audit, and when
    /// the use changes.
    /// </summary>
    public Func<FilterUse, IReadOnlyList<Finding>> FindProblems { get; init; } = _ => [];

    /// <summary>Null where connections are nobody's business.</summary>
    public ConnectionKeeper? Connections { get; init; }

    public required IJournal Journal { get; init; }

    public required IHistory History { get; init; }

    public required IDataplaneObserver Observer { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What holds unless the configuration says something about drift.</summary>
    public DriftPolicy Drift { get; init; } = DriftPolicy.Default;

    /// <summary>Who else may manage a device, by its name; empty if nobody is known.</summary>
    public Func<string, string> OtherManager { get; init; } = _ => "";

    /// <summary>For how long this caller has had no connection; null if it has one, or never had.</summary>
    public Func<string, TimeSpan?> LostSince { get; init; } = _ => null;

    /// <summary>A caller that awaits a confirmation and is without connection for so long has cut itself off.</summary>
    public TimeSpan ManagementLostAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The desired state with what depends on where ports' devices are.</summary>
    internal Desired Complete(Desired desired, HostState state) => Filter?.Complete(desired, state) ?? desired;
}
