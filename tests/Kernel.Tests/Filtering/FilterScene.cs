using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>A host whose packet filter is programmed from intents, with the host's own tools.</summary>
internal sealed class FilterScene(NetNamespace host)
{
    private readonly Renderer _renderer = new();

    private readonly FilterTools _tools = new(host);

    public FilterDriver Driver => _tools.Driver;

    /// <summary>What was started, in order.</summary>
    public IReadOnlyCollection<string> Started => _tools.Started;

    /// <summary>What was asked for last.</summary>
    public Ruleset Wanted { get; private set; } = Ruleset.Empty;

    public static SecuredNetwork Network(string id, string bridge, string device, params IEnumerable<FilteredPort> ports) =>
        new(id, bridge, device, Zone(7), [], ports.ToImmutableSortedDictionary(p => p.Port.NicId, p => p, StringComparer.Ordinal));

    /// <summary>The lab's kernel keeps all connections in one.</summary>
    public static ushort Zone(ushort zone) => FeatureProbe.Has(Feature.ConntrackZones) ? zone : (ushort)0;

    public static FirewallIntent Intent(params IEnumerable<SecuredNetwork> networks) => FirewallIntent.Empty with
    {
        Networks = networks.ToImmutableSortedDictionary(n => n.Id, n => n, StringComparer.Ordinal),
        MatchesBridges = FilterTools.MatchesBridges,
    };

    public static Port Port(string id, string network, int number) => new()
    {
        NicId = id,
        Network = network,
        Mac = MacAddress.Parse($"02:00:4c:00:{number / 256:x2}:{number % 256:x2}"),
        Addresses = [IpPrefix.Parse($"10.1.{number / 256}.{number % 256}"), IpPrefix.Parse($"fd00::{number:x}")],
    };

    public Failure? Apply(FirewallIntent intent)
    {
        var (before, wanted) = (Wanted, _renderer.Render(intent));
        if (Driver.Change(before, wanted) is { } failure)
        {
            return failure;
        }

        Wanted = wanted;
        return null;
    }
}
