using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>Says which chains and sets a desired state comes to, and again at once if nothing that they depend on is new.</summary>
/// <param name="agentPort">The TCP port that management reaches the agent at; null if it listens on none.</param>
/// <param name="matchesBridges">Whether this host's kernel can match frames by their bridge; asked once, and not before it matters.</param>
/// <param name="hasZones">Whether it has connection tracking zones; asked once, and not before it matters.</param>
public sealed class FilterDesigner(int? agentPort, Func<bool> matchesBridges, Func<bool> hasZones) : IFilterDesigner
{
    /// <summary>STAMP's, where probes of other hosts arrive.</summary>
    private const int ProbePort = 862;

    private const int UsualTunnelPort = 4789;
    private const int MostZone = ushort.MaxValue - 1;

    private readonly Renderer _renderer = new();
    private readonly Lazy<bool> _matchesBridges = new(matchesBridges);
    private readonly Lazy<bool> _hasZones = new(hasZones);
    private Inputs? _inputs;
    private Ruleset? _ruleset;

    /// <summary>Without them connections of all networks share the one that there is.</summary>
    public bool HasZones => _hasZones.Value;

    public Ruleset? Design(Desired desired)
    {
        var config = desired.Config;
        if (config.Networks.Values.Any(n => n.Security is not null && !desired.Networks.ContainsKey(n.Id)))
        {
            // Its rules are not known, and without them its ports would be open.
            return null;
        }

        var inputs = new Inputs(config.Networks, config.AddressGroups, config.HostAccess, desired.Networks, desired.Ports);
        if (inputs != _inputs)
        {
            (_inputs, _ruleset) = (inputs, _renderer.Render(Intent(desired)));
        }

        return _ruleset;
    }

    /// <summary>In which zone a network's connections are; null if it is not filtered.</summary>
    public ushort? ZoneOf(Desired desired, string network) => Zones(desired.Config).TryGetValue(network, out var zone) ? zone : null;

    private Dictionary<string, ushort> Zones(HostConfig config)
    {
        var taken = new HashSet<ushort>();
        var zones = new Dictionary<string, ushort>(StringComparer.Ordinal);
        foreach (var network in config.Networks.Values.Where(n => n.Security is not null).OrderBy(n => n.Id, StringComparer.Ordinal))
        {
            zones.Add(network.Id, FilterUse.NeedsZone(network) && HasZones ? Zone(network.Id, taken) : (ushort)0);
        }

        return zones;
    }

    private FirewallIntent Intent(Desired desired)
    {
        var config = desired.Config;
        var ports = desired.Ports.Values.ToLookup(p => p.Port.Network, StringComparer.Ordinal);
        var networks = ImmutableSortedDictionary.CreateBuilder<string, SecuredNetwork>(StringComparer.Ordinal);
        foreach (var (id, zone) in Zones(config))
        {
            var design = desired.Networks[id];
            networks.Add(id, new SecuredNetwork(
                id,
                design.Bridge.Name,
                design.Device.Name,
                zone,
                design.Network.Security!.ExtraEthertypes,
                ports[id].ToImmutableSortedDictionary(p => p.Port.NicId, p => new FilteredPort(p.Port, p.IsReady ? p.Device : ""), StringComparer.Ordinal)));
        }

        var tunnels = config.Networks.Values.Select(n => n.Isolation).OfType<VxlanIsolation>().Select(v => v.UdpPort ?? UsualTunnelPort).Distinct().Order();
        return new FirewallIntent
        {
            Networks = networks.ToImmutable(),
            Groups = config.AddressGroups,
            Host = config.HostAccess is null ? null : new HostServices(config.HostAccess, agentPort, [.. tunnels], ProbePort),
            MatchesBridges = networks.Count > 0 && _matchesBridges.Value,
        };
    }

    /// <summary>
    /// The network's connection tracking zone: from its id alone, unless another network's id comes to the same, so that a restart
    /// leaves connections where they are.
    /// </summary>
    private static ushort Zone(string id, HashSet<ushort> taken)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        var zone = (ushort)((((hash[0] << 8) | hash[1]) % MostZone) + 1);
        while (!taken.Add(zone))
        {
            zone = (ushort)((zone % MostZone) + 1);
        }

        return zone;
    }

    /// <summary>All that chains and sets depend on; compared by identity, for what is the same is the same object.</summary>
    private sealed record Inputs(
        ImmutableDictionary<string, Network> Networks,
        ImmutableDictionary<string, AddressGroup> Groups,
        HostAccess? Host,
        ImmutableDictionary<string, NetworkDesign> Designs,
        ImmutableDictionary<string, PortDesign> Ports);
}
