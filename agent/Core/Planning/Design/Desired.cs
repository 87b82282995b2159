using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>The desired state worked out for this host: the configuration, and what each part of it is to be in the kernel.</summary>
public sealed record Desired
{
    public static readonly Desired Nothing = new();

    /// <summary>This host's name, by which its bridges' MACs differ from other hosts'.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>
    /// The sections that nobody has given as a whole yet, as after a start: what is in the kernel and not in them may well be wanted, so
    /// nothing of it is removed.
    /// </summary>
    public ImmutableHashSet<ConfigSection> Undeclared { get; init; } = [];

    public HostConfig Config { get; init; } = HostConfig.Empty;

    /// <summary>
    /// Settings that nobody asks for any more, with the values that they had before the agent: only while the host goes back to an
    /// earlier generation.
    /// </summary>
    public ImmutableDictionary<string, string> Former { get; init; } = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>By label.</summary>
    public ImmutableDictionary<string, Underlay> Underlays { get; init; } =
        ImmutableDictionary.Create<string, Underlay>(StringComparer.Ordinal);

    /// <summary>By network id.</summary>
    public ImmutableDictionary<string, NetworkDesign> Networks { get; init; } =
        ImmutableDictionary.Create<string, NetworkDesign>(StringComparer.Ordinal);

    /// <summary>
    /// Networks of the configuration that cannot be worked out for this host as it is now, with the reason. Whatever the kernel has of
    /// them stays as it is.
    /// </summary>
    public ImmutableDictionary<string, Failure> Undesigned { get; init; } =
        ImmutableDictionary.Create<string, Failure>(StringComparer.Ordinal);

    /// <summary>Physical networks that cannot be brought about on this host as it is now, with the reason.</summary>
    public ImmutableList<Failure> Unresolved { get; init; } = [];

    /// <summary>Device names, each with the id of the network that needs it: no two may need the same.</summary>
    public ImmutableDictionary<string, string> Claims { get; init; } =
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>By NIC id.</summary>
    public ImmutableDictionary<string, PortDesign> Ports { get; init; } = ImmutableDictionary.Create<string, PortDesign>(StringComparer.Ordinal);

    /// <summary>The packet filter; null if it cannot be worked out now, and stays as it is.</summary>
    public Ruleset? Filter { get; init; }

    /// <summary>Multicast groups in use, each with the number of networks in it: they share the route.</summary>
    public ImmutableDictionary<GroupKey, int> Groups { get; init; } = ImmutableDictionary<GroupKey, int>.Empty;

    /// <summary>The label that something's network stands on; empty for what is no network's.</summary>
    public string LabelOf(ObjectRef subject) => Config.Networks.TryGetValue(subject.Id, out var network) ? network.PhysicalNetwork : "";

    /// <summary>The networks that something is part of, or that stand on it, sorted by id.</summary>
    public IEnumerable<ObjectRef> NetworksOn(ObjectRef subject)
    {
        var device = subject.Scope.Length > 0 ? subject.Scope : subject.Name;
        var labels = Underlays.Values.Where(u => device.Length > 0 && (u.Bridge == device || u.Uplink == device)).Select(u => u.Label)
            .Append(subject.Id).ToHashSet(StringComparer.Ordinal);
        return Config.Networks.Values.Where(n => n.Id == subject.Id || labels.Contains(n.PhysicalNetwork)).Select(n => n.Id)
            .Order(StringComparer.Ordinal).Select(ObjectRef.Network);
    }
}

/// <summary>A multicast group on an underlay.</summary>
public readonly record struct GroupKey(IPAddress Group, string Device);
