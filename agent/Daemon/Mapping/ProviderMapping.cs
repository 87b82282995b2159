using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class ProviderMapping
{
    public static ProviderSetting ToModel(V1.ProviderSetting setting) =>
        new(setting.Name, setting.Enabled, setting.HasPriority ? Numbers.ToModel(setting.Priority) : null);

    public static V1.ProviderSetting ToMessage(ProviderSetting setting)
    {
        var message = new V1.ProviderSetting { Name = setting.Name, Enabled = setting.Enabled };
        if (setting.Priority is { } priority)
        {
            message.Priority = (uint)priority;
        }

        return message;
    }

    public static V1.Provider ToMessage(Provider provider)
    {
        var message = new V1.Provider
        {
            Name = provider.Name,
            State = provider.State switch
            {
                ProviderState.Ready => V1.ProviderState.Ready,
                ProviderState.Disabled => V1.ProviderState.Disabled,
                ProviderState.Unavailable => V1.ProviderState.Unavailable,
                ProviderState.Rebuilding => V1.ProviderState.Rebuilding,
                _ => V1.ProviderState.Failed,
            },
            Reason = provider.Reason,
            Priority = (uint)provider.Priority,
            Filtering = provider.Filtering,
            Shaping = provider.ShapedBy != ShapingMeans.None,
            Version = provider.Version,
        };
        if (provider.MaxMtu is { } mtu)
        {
            message.MaxMtu = (uint)mtu;
        }

        message.Isolations.Add(provider.Isolations.Select(i => i switch
        {
            IsolationKind.Untagged => V1.IsolationKind.Untagged,
            IsolationKind.Vlan => V1.IsolationKind.Vlan,
            IsolationKind.VxlanMulticast => V1.IsolationKind.VxlanMulticast,
            IsolationKind.VxlanStatic => V1.IsolationKind.VxlanStatic,
            _ => V1.IsolationKind.VxlanEvpn,
        }));
        message.KernelFeatures.Add(provider.Features.Select(ToMessage));
        return message;
    }

    /// <summary>All that the providers need of the kernel, each once.</summary>
    public static IEnumerable<V1.KernelFeature> FeaturesOf(IEnumerable<Provider> providers) => providers
        .SelectMany(p => p.Features).DistinctBy(f => f.Name).OrderBy(f => f.Name, StringComparer.Ordinal).Select(ToMessage);

    private static V1.KernelFeature ToMessage(KernelFeature feature) => new()
    {
        Name = feature.Name,
        State = feature.State switch
        {
            Availability.Available => V1.FeatureState.Available,
            Availability.Missing => V1.FeatureState.Missing,
            _ => V1.FeatureState.Unknown,
        },
        Reason = feature.Reason,
    };
}
