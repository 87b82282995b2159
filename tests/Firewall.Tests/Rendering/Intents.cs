using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Firewall.Tests.Rendering;

/// <summary>Intents that operators would recognise.</summary>
internal static class Intents
{
    public static readonly SecurityRule Web = new()
    {
        Id = "web",
        Protocol = RuleProtocol.Tcp,
        Ports = new PortRange(80, 443),
        Cidrs = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("2001:db8::/32")],
    };

    public static Port Port(int number) => new()
    {
        NicId = string.Create(CultureInfo.InvariantCulture, $"nic-{number}"),
        Network = "web-tier",
        Mac = MacAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"02:00:4c:00:00:{number:x2}")),
        Addresses = [IpPrefix.Parse(string.Create(CultureInfo.InvariantCulture, $"10.1.1.{number}")), IpPrefix.Parse(string.Create(CultureInfo.InvariantCulture, $"fd00::{number:x}"))],
    };

    public static FirewallIntent Of(params IEnumerable<FilteredPort> ports) => Of(new SecuredNetwork(
        "web-tier", "brvx-101", "vxlan101", 4711, [], ports.ToImmutableSortedDictionary(p => p.Port.NicId, p => p, StringComparer.Ordinal)));

    public static FirewallIntent Of(SecuredNetwork network) => FirewallIntent.Empty with
    {
        Networks = FirewallIntent.Empty.Networks.Add(network.Id, network),
    };

    public static FirewallIntent Many(int count) =>
        Of(Enumerable.Range(0, count).Select(i => new FilteredPort(Port(i + 1), string.Create(CultureInfo.InvariantCulture, $"vnet{i}"))));
}
