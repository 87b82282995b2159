using System.Globalization;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>The contract's values as operators say them.</summary>
internal static class Words
{
    public static string Of(AgentStatus? status) => status?.State switch
    {
        AgentState.Serving => "serving",
        AgentState.Applying => "applying",
        AgentState.Drifted => "drifted",
        AgentState.Degraded => "DEGRADED",
        _ => "unknown",
    };

    public static string Of(ServingStatus status) => status switch
    {
        ServingStatus.Serving => "SERVING",
        ServingStatus.NotServing => "NOT_SERVING",
        _ => "UNKNOWN",
    };

    public static string Of(FeatureState state) => state switch
    {
        FeatureState.Available => "available",
        FeatureState.Missing => "missing",
        _ => "unknown",
    };

    public static string Of(FirewallBackend backend) => backend switch
    {
        FirewallBackend.Nft => "nft",
        FirewallBackend.Legacy => "legacy",
        FirewallBackend.Unknown => "unknown",
        _ => "-",
    };

    public static string Of(Network network) => network.IsolationCase switch
    {
        Network.IsolationOneofCase.Untagged => "untagged",
        Network.IsolationOneofCase.Vlan => $"vlan {network.Vlan.Vid}",
        Network.IsolationOneofCase.Vxlan => $"vxlan {network.Vxlan.Vni} {network.Vxlan.ModeCase.ToString().ToLowerInvariant()}",
        _ => "?",
    };

    /// <summary>A condition that needs somebody's eyes stands out.</summary>
    public static string Of(ObjectCondition condition) => condition switch
    {
        ObjectCondition.InPlace => "in place",
        ObjectCondition.Changing => "changing",
        ObjectCondition.Drifted => "DRIFTED",
        ObjectCondition.Failed => "FAILED",
        _ => "unknown",
    };

    /// <summary>With what is wrong, if something is.</summary>
    public static string Of(ObjectCondition condition, IReadOnlyCollection<Failure> problems) =>
        problems.Count == 0 ? Of(condition) : $"{Of(condition)}: {string.Join("; ", problems.Select(p => p.Message))}";

    /// <summary>A device in the wrong place stands out.</summary>
    public static string Of(PortPresence presence) => presence switch
    {
        PortPresence.Waiting => "waiting",
        PortPresence.Attached => "attached",
        PortPresence.Detached => "detached",
        PortPresence.Elsewhere => "ELSEWHERE",
        _ => "unknown",
    };

    /// <summary>Nothing for a port that is not to be filtered.</summary>
    public static string Filtered(PortState port) => !port.HasFiltered ? "-" : port.Filtered ? "yes" : "NO";

    /// <summary>"0 web": by its place and, if it has one, its name; what no rule allowed is "drop" alone.</summary>
    public static string Rule(RuleCounter counter) => counter.HasRuleIndex ? $"{counter.RuleIndex} {counter.RuleId}".TrimEnd() : counter.RuleId;

    public static string Of(PhysicalNetworkCheckResult result) => result switch
    {
        PhysicalNetworkCheckResult.Found => "found",
        PhysicalNetworkCheckResult.ToBeMade => "to be made",
        PhysicalNetworkCheckResult.Missing => "MISSING",
        PhysicalNetworkCheckResult.NoUplink => "NO UPLINK",
        PhysicalNetworkCheckResult.UplinkDown => "UPLINK DOWN",
        PhysicalNetworkCheckResult.MtuTooSmall => "MTU TOO SMALL",
        PhysicalNetworkCheckResult.Conflict => "CONFLICT",
        _ => "unknown",
    };

    /// <summary>As iproute2 says it.</summary>
    public static string Of(OperState state) => state switch
    {
        OperState.NotPresent => "notpresent",
        OperState.Down => "down",
        OperState.LowerLayerDown => "lowerlayerdown",
        OperState.Testing => "testing",
        OperState.Dormant => "dormant",
        OperState.Up => "up",
        _ => "unknown",
    };

    /// <summary>PhysicalNetwork is said physical-network.</summary>
    public static string Of(ObjectKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <summary>"link brvx-101 of web", "route 239.0.0.5/32 on eth0".</summary>
    public static string Of(ObjectRef? subject)
    {
        if (subject is null)
        {
            return "something";
        }

        var name = (subject.Name.Length, subject.Id.Length) switch
        {
            (0, 0) => "",
            (0, _) => $" {subject.Id}",
            _ => $" {subject.Name}",
        };
        var on = subject.Scope.Length > 0 ? $" on {subject.Scope}" : "";
        var of = subject is { Name.Length: > 0, Id.Length: > 0 } ? $" of {subject.Id}" : "";
        return $"{Of(subject.Kind)}{name}{on}{of}";
    }

    public static string Of(OperatingMode? mode) => mode switch
    {
        OperatingMode.Heal => "heal: what is not as desired is put right",
        OperatingMode.Observe => "observe: what is not as desired is only reported",
        OperatingMode.ObserveOnly => "OBSERVE ONLY: the desired state is lost; apply one",
        _ => "unknown",
    };

    /// <summary>What somebody has to act on stands out.</summary>
    public static string Of(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Info => "info",
        FindingSeverity.Warning => "warning",
        FindingSeverity.Error => "ERROR",
        FindingSeverity.Critical => "CRITICAL",
        _ => "unknown",
    };

    public static string Of(DriftSource source) => source switch
    {
        DriftSource.KernelEvent => "an event from the kernel",
        DriftSource.Audit => "the audit",
        DriftSource.Resync => "Resync",
        DriftSource.Start => "the start of the agent",
        _ => "nobody knows what",
    };

    public static string Of(ChangeAction action) => action switch
    {
        ChangeAction.Create => "made",
        ChangeAction.Update => "changed",
        ChangeAction.Delete => "removed",
        ChangeAction.Adopt => "adopted",
        ChangeAction.Recreate => "made anew",
        ChangeAction.Disown => "let go of",
        _ => "did something to",
    };

    public static string Milliseconds(Duration? duration) =>
        duration is null ? "?" : string.Create(CultureInfo.InvariantCulture, $"{duration.ToTimeSpan().TotalMilliseconds:0.#} ms");

    /// <summary>"mtu 1500 → 1450".</summary>
    public static string Of(AttributeChange change) => (change.HasBefore, change.HasAfter) switch
    {
        (true, true) => $"{change.Name} {change.Before} → {change.After}",
        (false, true) => $"{change.Name} {change.After}",
        _ => $"{change.Name} {change.Before} → none",
    };

    /// <summary>"3d 04:05:06", to the second.</summary>
    public static string Of(Duration? duration)
    {
        if (duration is null)
        {
            return "?";
        }

        var time = TimeSpan.FromSeconds(duration.Seconds);
        var clock = time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
        return time.Days == 0 ? clock : string.Create(CultureInfo.InvariantCulture, $"{time.Days}d {clock}");
    }

    public static string Of(Timestamp? time) =>
        time?.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "?";

    /// <summary>"2026-01-02 03:04:05 UTC", cut and not rounded: nobody is told a later time than there is.</summary>
    public static string ToTheSecond(Timestamp? time) => time?.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) ?? "?";

    /// <summary>Nothing for those that needed none; what went away again stands out.</summary>
    public static string Of(Confirmation confirmation) => confirmation switch
    {
        Confirmation.NotAsked => "",
        Confirmation.Awaited => "awaited",
        Confirmation.Given => "given",
        Confirmation.Expired => "EXPIRED",
        _ => "unknown",
    };
}
