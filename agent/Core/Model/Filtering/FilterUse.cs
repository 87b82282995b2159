using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>What a configuration wants of the packet filter.</summary>
/// <param name="IsUsed">Whether it wants anything.</param>
/// <param name="NeedsZones">Whether there are networks whose connections are to be kept apart.</param>
public readonly record struct FilterUse(bool IsUsed, bool NeedsZones)
{
    public static FilterUse Of(HostConfig config)
    {
        var secured = config.Networks.Values.Where(n => n.Security is not null);
        return new FilterUse(config.HostAccess is not null || secured.Any(), secured.Any(NeedsZone));
    }

    /// <summary>An untagged network shares the host's own addresses, and so its zone.</summary>
    public static bool NeedsZone(Network network) => network.Isolation is not UntaggedIsolation;
}
