using System.Globalization;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

internal sealed record Physical(PhysicalNetwork Network) : ConfigItem
{
    public override HostConfig AddTo(HostConfig config) =>
        config with { PhysicalNetworks = config.PhysicalNetworks.SetItem(Network.Label, Network) };
}

internal sealed record Segment(Network Network) : ConfigItem
{
    public override HostConfig AddTo(HostConfig config) => config with { Networks = config.Networks.SetItem(Network.Id, Network) };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Segment {Network.Id} on {Network.PhysicalNetwork}: {Network.Isolation}, {(Network.Isolation as VxlanIsolation)?.Mode}, MTU {Network.GuestMtu} {Network.MtuPolicy}, {Network.Bridge}, provider '{Network.Provider}'");
}

internal sealed record Control(ControlNetwork Network) : ConfigItem
{
    public override HostConfig AddTo(HostConfig config) => config with { ControlNetwork = Network };
}

internal sealed record Settings(HostSettings Wanted) : ConfigItem
{
    public override HostConfig AddTo(HostConfig config) => config with { Settings = Wanted };
}

internal sealed record Wish(ProviderSetting Setting) : ConfigItem
{
    public override HostConfig AddTo(HostConfig config) => config with { Providers = [.. config.Providers, Setting] };
}
