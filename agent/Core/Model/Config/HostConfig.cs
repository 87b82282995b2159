using System.Collections.Immutable;

namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>The whole desired state. Changing one of thousands of networks costs what the one costs.</summary>
public sealed record HostConfig
{
    public static readonly HostConfig Empty = new();

    public ImmutableDictionary<string, PhysicalNetwork> PhysicalNetworks { get; init; } =
        ImmutableDictionary.Create<string, PhysicalNetwork>(StringComparer.Ordinal);

    public ImmutableDictionary<string, Network> Networks { get; init; } =
        ImmutableDictionary.Create<string, Network>(StringComparer.Ordinal);

    public ControlNetwork? ControlNetwork { get; init; }

    public HostSettings? Settings { get; init; }

    public ValueList<ProviderSetting> Providers { get; init; }
}

/// <summary>A wish about a provider.</summary>
public sealed record ProviderSetting(string Name, bool Enabled, int? Priority);
