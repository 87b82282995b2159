using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>The providers of this host with the configuration's wishes applied, and the choice among them.</summary>
public sealed class ProviderSet
{
    private readonly ImmutableArray<(INetworkProvider Provider, Provider Now)> _byPriority;

    /// <summary>The same providers without anybody's wishes: none is switched off.</summary>
    public ProviderSet WithoutWishes() => new(_byPriority.Select(p => p.Provider), []);

    public ProviderSet(IEnumerable<INetworkProvider> providers, ValueList<ProviderSetting> wishes) => _byPriority =
        [.. providers.Select(p => (p, Apply(p.Description, wishes))).OrderByDescending(p => p.Item2.Priority).ThenBy(p => p.Item2.Name, StringComparer.Ordinal)];

    /// <summary>The highest priority first.</summary>
    public IEnumerable<Provider> All => _byPriority.Select(p => p.Now);

    /// <summary>The provider that must, or the best that can, realise the network; null with the reason added.</summary>
    public INetworkProvider? Choose(Network network, ICollection<Failure> failures)
    {
        var kind = KindOf(network.Isolation);
        foreach (var (provider, now) in _byPriority)
        {
            if (now.State == ProviderState.Ready && now.Isolations.Contains(kind) && (network.Provider.Length == 0 || network.Provider == now.Name))
            {
                return provider;
            }
        }

        failures.Add(WhyNone(network, kind));
        return null;
    }

    public static IsolationKind KindOf(Isolation isolation) => isolation switch
    {
        VlanIsolation => IsolationKind.Vlan,
        VxlanIsolation { Mode: VxlanMulticast } => IsolationKind.VxlanMulticast,
        VxlanIsolation { Mode: VxlanStatic } => IsolationKind.VxlanStatic,
        VxlanIsolation => IsolationKind.VxlanEvpn,
        _ => IsolationKind.Untagged,
    };

    private Failure WhyNone(Network network, IsolationKind kind)
    {
        var what = kind switch
        {
            IsolationKind.Untagged => "untagged networks",
            IsolationKind.Vlan => "VLAN",
            IsolationKind.VxlanMulticast => "VXLAN with multicast",
            IsolationKind.VxlanStatic => "VXLAN with static peers",
            _ => "VXLAN with EVPN",
        };
        var asked = _byPriority.Where(p => network.Provider.Length == 0 || network.Provider == p.Now.Name).Select(p => p.Now).ToList();
        var reasons = asked.Select(p => WhyNot(p, kind)).Distinct(StringComparer.Ordinal).ToList();
        return new Failure
        {
            Operation = "design",
            Subject = ObjectRef.Network(network.Id),
            Reason = "NO_PROVIDER",
            Message = network.Provider.Length == 0
                ? $"no provider on this host realises {what} on {network.PhysicalNetwork}: {string.Join("; ", reasons)}"
                : asked.Count == 0
                    ? $"there is no provider {network.Provider} here; GetCapabilities lists those that are"
                    : $"the provider {network.Provider} does not realise {what} on {network.PhysicalNetwork}: {reasons[0]}",
            Remedy = "GetCapabilities lists the providers and what each lacks",
        };
    }

    private static string WhyNot(Provider provider, IsolationKind kind) =>
        provider.State != ProviderState.Ready
            ? provider.Reason
            : provider.Features.FirstOrDefault(f => f.State != Availability.Available && f.Name == Needs(kind))?.Reason
              ?? $"{provider.Name} has no such thing";

    /// <summary>The kernel feature that a kind of isolation stands on.</summary>
    public static string Needs(IsolationKind kind) => kind switch
    {
        IsolationKind.Untagged => "bridge",
        IsolationKind.Vlan => "8021q",
        _ => "vxlan",
    };

    private static Provider Apply(Provider provider, ValueList<ProviderSetting> wishes)
    {
        foreach (var wish in wishes)
        {
            if (wish.Name == provider.Name)
            {
                provider = provider with { Priority = wish.Priority ?? provider.Priority };
                return wish.Enabled || provider.State != ProviderState.Ready
                    ? provider
                    : provider with { State = ProviderState.Disabled, Reason = $"{provider.Name} was switched off" };
            }
        }

        return provider;
    }
}
