using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>
/// Works a configuration out for this host. What has not changed since the last time is taken over as it is, so that the work grows
/// with the change and not with the host.
/// </summary>
public sealed class Designer
{
    private readonly Desired _before;
    private readonly HostConfig _config;
    private readonly HostState _state;
    private readonly ProviderSet _providers;
    private readonly ICollection<Failure> _failures;
    private readonly ImmutableDictionary<string, Underlay>.Builder _underlays;

    /// <summary>Those that are not as they were, where not all that stands on them is designed anew now.</summary>
    private readonly Dictionary<string, Underlay> _changed = new(StringComparer.Ordinal);
    private readonly ImmutableDictionary<string, NetworkDesign>.Builder _networks;
    private readonly ImmutableDictionary<string, string>.Builder _claims;
    private readonly ImmutableDictionary<GroupKey, int>.Builder _groups;

    private Designer(Desired before, HostConfig config, HostState state, ProviderSet providers, ICollection<Failure> failures)
    {
        _before = before;
        _config = config;
        _state = state;
        _providers = providers;
        _failures = failures;
        _underlays = before.Underlays.ToBuilder();
        _networks = before.Networks.ToBuilder();
        _claims = before.Claims.ToBuilder();
        _groups = before.Groups.ToBuilder();
    }

    /// <summary>
    /// The next desired state, or null with the reasons added; a failure's subject says which part it is about.
    /// </summary>
    /// <param name="before">The desired state so far.</param>
    /// <param name="config">What is asked for now.</param>
    /// <param name="touched">The only networks that may differ from before; null if anything may, or the host did.</param>
    /// <param name="state">What the kernel has.</param>
    /// <param name="providers">Who can realise what.</param>
    /// <param name="failures">Where the reasons go.</param>
    public static Desired? Next(
        Desired before,
        HostConfig config,
        IReadOnlyCollection<string>? touched,
        HostState state,
        ProviderSet providers,
        ICollection<Failure> failures)
    {
        var designer = new Designer(before, config, state, providers, failures);
        if (touched is null)
        {
            designer.ResolveAll();
            designer.Redesign(designer.Outdated());
        }
        else
        {
            foreach (var id in touched)
            {
                if (config.Networks.TryGetValue(id, out var network))
                {
                    designer.Resolve(config.PhysicalNetworks.GetValueOrDefault(network.PhysicalNetwork), isForOne: true);
                }
            }

            designer.Redesign(touched);
        }

        return failures.Count > 0 ? null : before with
        {
            Config = config,
            Unresolved = touched is null ? before.Unresolved.Clear() : before.Unresolved,
            Undesigned = touched is null ? before.Undesigned.Clear() : before.Undesigned.RemoveRange(touched),
            Underlays = designer._underlays.ToImmutable(),
            Networks = designer._networks.ToImmutable(),
            Claims = designer._claims.ToImmutable(),
            Groups = designer._groups.ToImmutable(),
        };
    }

    /// <summary>
    /// The next desired state as far as it can be worked out: for a host that is not as it was, at the start or after somebody else's
    /// changes. A network that cannot be designed keeps its former design if it has one, or else is named as undesigned.
    /// </summary>
    public static Desired Best(Desired before, HostConfig config, HostState state, ProviderSet providers)
    {
        if (Next(before, config, touched: null, state, providers, []) is { } whole)
        {
            return whole;
        }

        // One after the other, so that each stands or falls by itself.
        var unresolved = new List<Failure>();
        var underlays = new Designer(before, config, state, providers, unresolved);
        underlays.ResolveAll();
        foreach (var (label, known) in before.Underlays)
        {
            if (config.PhysicalNetworks.ContainsKey(label))
            {
                underlays._underlays.TryAdd(label, known);
            }
        }

        var desired = before with
        {
            Config = config,
            Underlays = underlays._underlays.ToImmutable(),
            Unresolved = [.. unresolved],
            Undesigned = before.Undesigned.Clear(),
        };
        foreach (var id in config.Networks.Keys.Order(StringComparer.Ordinal))
        {
            var reasons = new List<Failure>();
            if (Next(desired, config, [id], state, providers, reasons) is { } next)
            {
                desired = next;
            }
            else if (Next(desired, config, [id], state, providers.WithoutWishes(), []) is { } held && config.IsSwitchedOff(held.Networks[id].Provider))
            {
                // Whose provider is switched off is known, and left alone.
                desired = held;
            }
            else if (!desired.Networks.TryGetValue(id, out var known) || known.Network != config.Networks[id])
            {
                desired = desired with { Undesigned = desired.Undesigned.SetItem(id, reasons[0]) };
            }
        }

        return desired;
    }

    private void ResolveAll()
    {
        foreach (var label in _before.Underlays.Keys)
        {
            if (!_config.PhysicalNetworks.ContainsKey(label))
            {
                _underlays.Remove(label);
            }
        }

        // What is managed changes under the feet of all that share it: MTU, addresses, the bridge it is in.
        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var physical in _config.PhysicalNetworks.Values
            .OrderBy(p => p.Mode != PhysicalNetworkMode.Manage).ThenBy(p => p.Label, StringComparer.Ordinal))
        {
            var underlay = Resolve(physical);
            _ = IsShared(physical, underlay?.Uplink ?? "", "uplink", holders)
                || IsShared(physical, underlay?.Bridge ?? _state.Find(physical.Label)?.Name ?? "", "bridge", holders);
        }

        foreach (var underlay in _underlays.Values.OrderBy(u => Depth(_state.Find(u.Uplink))).ToList())
        {
            FitIntoParent(underlay, holders);
        }
    }

    /// <summary>An uplink that is a VLAN device is never wider than what it stands on, as that will be.</summary>
    private void FitIntoParent(Underlay underlay, Dictionary<string, string> holders)
    {
        if (_state.Find(underlay.Uplink) is not { Vlan: not null } uplink || _state.Find(uplink.Parent) is not { } parent)
        {
            return;
        }

        var below = holders.TryGetValue(parent.Name, out var label) ? _underlays.GetValueOrDefault(label) : null;
        var room = below is null ? parent.Mtu : below.Uplink == parent.Name ? below.UplinkMtu : below.BridgeMtu;
        if (underlay.UplinkMtu <= room)
        {
            return;
        }

        var isManaged = _config.PhysicalNetworks[underlay.Label].Mode == PhysicalNetworkMode.Manage;
        if (isManaged && _config.PhysicalNetworks[underlay.Label].Mtu is { } asked)
        {
            Refuse(
                ObjectRef.PhysicalNetwork(underlay.Label),
                "UNDERLAY_MTU_TOO_SMALL",
                string.Create(CultureInfo.InvariantCulture, $"MTU {asked} was asked for on {underlay.Label}, and its uplink {uplink.Name} stands on {parent.Name}, which has {room}"),
                $"raise the MTU of {parent.Name}, or ask for less");
            return;
        }

        var fitted = underlay with { UplinkMtu = room, BridgeMtu = isManaged ? Math.Min(underlay.BridgeMtu, room) : underlay.BridgeMtu };
        _underlays[underlay.Label] = _before.Underlays.TryGetValue(underlay.Label, out var known) && known == fitted ? known : fitted;
    }

    private int Depth(Link? link) => link is null ? 0 : 1 + Depth(_state.Find(link.Parent));

    private bool IsShared(PhysicalNetwork physical, string device, string kind, Dictionary<string, string> holders)
    {
        if (device.Length == 0 || (physical.Mode == PhysicalNetworkMode.Manage ? holders.TryAdd(device, physical.Label) : !holders.ContainsKey(device)))
        {
            return false;
        }

        Refuse(
            ObjectRef.PhysicalNetwork(physical.Label),
            kind == "uplink" ? "SHARED_UPLINK" : "SHARED_BRIDGE",
            $"the physical networks {holders[device]} and {physical.Label} both want the {kind} {device}",
            $"give each its own {kind}, or leave both to mode CHECK_ONLY");
        return true;
    }

    /// <summary>A label that is only checked may be missing, as long as no network needs it.</summary>
    /// <param name="physical">What to look for.</param>
    /// <param name="isForOne">
    /// Only a network that was touched needs it: the underlay that the others were designed for stays known, so that they are designed
    /// anew when everything is looked at.
    /// </param>
    private Underlay? Resolve(PhysicalNetwork? physical, bool isForOne = false)
    {
        if (physical is null)
        {
            return null;
        }

        var reasons = new List<Failure>();
        if (UnderlayResolver.Resolve(physical, _state, reasons) is { } underlay)
        {
            if (!_underlays.TryGetValue(physical.Label, out var known))
            {
                _underlays[physical.Label] = underlay;
            }
            else if (known != underlay)
            {
                if (isForOne)
                {
                    _changed[physical.Label] = underlay;
                }
                else
                {
                    _underlays[physical.Label] = underlay;
                }
            }

            return underlay;
        }

        _underlays.Remove(physical.Label);
        if (physical.Mode == PhysicalNetworkMode.Manage)
        {
            reasons.ForEach(_failures.Add);
        }

        return null;
    }

    /// <summary>The networks that are new, gone, changed, or stand on something that changed.</summary>
    private List<string> Outdated()
    {
        var outdated = new List<string>();
        var providersChanged = _config.Providers != _before.Config.Providers;
        foreach (var (id, network) in _config.Networks)
        {
            if (providersChanged
                || !_networks.TryGetValue(id, out var design)
                || design.Network != network
                || !_underlays.TryGetValue(network.PhysicalNetwork, out var now)
                || !_before.Underlays.TryGetValue(network.PhysicalNetwork, out var then)
                || !ReferenceEquals(now, then))
            {
                outdated.Add(id);
            }
        }

        foreach (var id in _before.Networks.Keys)
        {
            if (!_config.Networks.ContainsKey(id))
            {
                outdated.Add(id);
            }
        }

        outdated.Sort(StringComparer.Ordinal);
        return outdated;
    }

    /// <summary>Names are given back before any is claimed, so that networks can take over from each other.</summary>
    private void Redesign(IReadOnlyCollection<string> touched)
    {
        var ids = touched.Where(id => !IsHeld(id)).ToList();
        foreach (var id in ids)
        {
            if (_networks.Remove(id, out var old))
            {
                Release(old);
            }
        }

        foreach (var id in ids)
        {
            if (_config.Networks.TryGetValue(id, out var network) && Design(network) is { } design)
            {
                Claim(design);
            }
        }
    }

    /// <summary>A network whose provider is switched off, and that no other one can realise, stays as it was designed.</summary>
    private bool IsHeld(string id) =>
        _networks.TryGetValue(id, out var design)
        && _config.IsSwitchedOff(design.Provider)
        && _config.Networks.TryGetValue(id, out var network)
        && network == design.Network
        && _providers.Choose(network, []) is null;

    private NetworkDesign? Design(Network network)
    {
        if (_changed.TryGetValue(network.PhysicalNetwork, out var underlay) || _underlays.TryGetValue(network.PhysicalNetwork, out underlay))
        {
            return _providers.Choose(network, _failures)?.Design(network, underlay, _failures);
        }

        if (_config.PhysicalNetworks.TryGetValue(network.PhysicalNetwork, out var physical))
        {
            var reasons = new List<Failure>();
            UnderlayResolver.Resolve(physical, _state, reasons);
            reasons.ForEach(r => _failures.Add(r with { Subject = ObjectRef.Network(network.Id) }));
        }
        else
        {
            Refuse(
                ObjectRef.Network(network.Id),
                "NO_PHYSICAL_NETWORK",
                $"network {network.Id} rides on {network.PhysicalNetwork}, which is no physical network of this host's configuration",
                "Apply the physical network first, or together with it");
        }

        return null;
    }

    private void Claim(NetworkDesign design)
    {
        foreach (var link in design.Links)
        {
            if (_claims.TryGetValue(link.Name, out var holder))
            {
                Refuse(
                    ObjectRef.Network(design.Network.Id),
                    "DUPLICATE_SEGMENT",
                    $"the networks {holder} and {design.Network.Id} both want {Words(design)}",
                    "give each its own");
                return;
            }
        }

        if (SharesFilteredBridge(design) is { } other)
        {
            Refuse(
                ObjectRef.Network(design.Network.Id),
                "SHARED_BRIDGE",
                $"the untagged networks {other} and {design.Network.Id} are both on the bridge {design.Bridge.Name}, and who is on a bridge with security groups is filtered by one network's rules",
                "leave one untagged network on that label, or security groups out of all of them");
            return;
        }

        _networks[design.Network.Id] = design;
        foreach (var link in design.Links)
        {
            _claims[link.Name] = design.Network.Id;
        }

        if (design.Group is { } group)
        {
            var key = new GroupKey(group, design.GroupDevice);
            _groups[key] = _groups.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>With whom; only untagged networks have a bridge that is not theirs alone.</summary>
    private string? SharesFilteredBridge(NetworkDesign design) => design.Network.Isolation is not UntaggedIsolation ? null : _networks.Values
        .Where(n => n.Bridge.Name == design.Bridge.Name && (n.Network.Security ?? design.Network.Security) is not null)
        .Select(n => n.Network.Id)
        .Min(StringComparer.Ordinal);

    private void Release(NetworkDesign design)
    {
        foreach (var link in design.Links)
        {
            _claims.Remove(link.Name);
        }

        if (design.Group is { } group)
        {
            var key = new GroupKey(group, design.GroupDevice);
            if (--_groups[key] == 0)
            {
                _groups.Remove(key);
            }
        }
    }

    private static string Words(NetworkDesign design) => design.Network.Isolation switch
    {
        VlanIsolation vlan => string.Create(CultureInfo.InvariantCulture, $"VLAN {vlan.Vid} on {design.Links[^1].Parent}"),
        VxlanIsolation vxlan => string.Create(CultureInfo.InvariantCulture, $"VNI {vxlan.Vni}"),
        _ => $"the device {design.Device.Name}",
    };

    private void Refuse(ObjectRef subject, string reason, string message, string remedy) => _failures.Add(new Failure
    {
        Kind = FailureKind.InvalidArgument,
        Operation = "design",
        Subject = subject,
        Reason = reason,
        Message = message,
        Remedy = remedy,
    });
}
