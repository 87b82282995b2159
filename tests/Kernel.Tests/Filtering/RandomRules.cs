using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>
/// Networks, ports, groups and host services as the validation accepts them, out of values that lie at the edges of what there is:
/// whatever it accepts, the kernel has to take, and to give back as it was written.
/// </summary>
internal sealed class RandomRules(int seed)
{
    private const string NameCharacters = "aZ09._-";

    private static readonly IpPrefix[] Everybody = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")];

#pragma warning disable CA5394 // Nothing secret.
    private readonly Random _random = new(seed);

    public FirewallIntent Intent()
    {
        var groups = Many(0, 3, i => Accepted(() => new AddressGroup(Name(64, i), Prefixes(20)), AddressGroupRules.Check)).ToImmutableDictionary(g => g.Name, StringComparer.Ordinal);
        var number = 0;
        return FilterScene.Intent(Many(0, 4, i => Network(i, groups, ref number))) with
        {
            Groups = groups,
            Host = Percent(50) ? new HostServices(Accepted(() => new HostAccess(Prefixes(12), Prefixes(12)), HostAccessRules.Check), Percent(50) ? Number16() : null, [.. Many(0, 3, i => 4789 + i)], 862) : null,
        };
    }

    private SecuredNetwork Network(int i, ImmutableDictionary<string, AddressGroup> groups, ref int number)
    {
        var id = Name(64, i);
        var ports = new List<FilteredPort>();
        for (var left = Of(0, 1, 3, 12); left > 0; left--)
        {
            number++;
            var device = Percent(70) ? string.Create(CultureInfo.InvariantCulture, $"vnet{number}") : Percent(20) ? "" : Name(15, number);
            var n = number;
            ports.Add(new FilteredPort(Accepted(() => Port(n, id, groups), PortRules.Check), device));
        }

        var isTagged = Percent(70);
        var security = Accepted(() => new NetworkSecurity([.. Many(0, 3, _ => Percent(50) ? Number16() : Of(0x0600, 0x0601, 0x0800, 0x0806, 0x8100, 0x86dd, 0x88cc))]), NetworkSecurityRules.Check);
        return FilterScene.Network(
            id,
            string.Create(CultureInfo.InvariantCulture, $"{(isTagged ? "brvx-" : "cloudbr")}{i}"),
            Percent(20) ? "" : string.Create(CultureInfo.InvariantCulture, $"{(isTagged ? "vxlan" : "eth")}{i}"),
            ports) with
        {
            Zone = isTagged ? FilterScene.Zone((ushort)_random.Next(1, ushort.MaxValue)) : (ushort)0,
            ExtraEthertypes = security.ExtraEthertypes,
        };
    }

    /// <summary>The first one that the validation has nothing against.</summary>
    private static T Accepted<T>(Func<T> next, Action<T, FieldPath, Violations> check)
    {
        while (true)
        {
            var (value, violations) = (next(), new Violations());
            check(value, new FieldPath("it"), violations);
            if (!violations.Any)
            {
                return value;
            }
        }
    }

    private Port Port(int number, string network, ImmutableDictionary<string, AddressGroup> groups)
    {
        var isTrusted = Percent(10);
        return new Port
        {
            NicId = Name(64, number),
            Network = network,
            Mac = Mac(),
            Addresses = Hosts(Of(0, 1, 2, 5, 20)),
            IsTrusted = isTrusted,
            AllowedPairs = [.. Many(0, Of(0, 1, 3), _ => new AllowedPair(Percent(60) ? Mac() : null, Hosts(Of(0, 1, 10)), Percent(30)))],
            Security = isTrusted || Percent(10) ? null : Security(groups),
        };
    }

    private PortSecurity Security(ImmutableDictionary<string, AddressGroup> groups)
    {
        var isUntracked = Percent(15);
        return new PortSecurity
        {
            Ingress = isUntracked ? [new SecurityRule { Protocol = RuleProtocol.All, Cidrs = [.. Everybody] }] : Rules("in", groups),
            Egress = isUntracked ? [] : Rules("out", groups),
            EgressDefault = !isUntracked && Percent(40) ? EgressDefault.Deny : EgressDefault.AllowUntilRule,
            AllowsDns = Of((bool?)null, true, false),
            ConnectionLimit = !isUntracked && Percent(50) ? new ConnectionLimit(UpTo(10_000), UpTo(10_000)) : null,
            DropLogging = Percent(50) ? new DropLogging(Percent(20) ? 0 : Number16(), UpTo(1_000)) : null,
            IsUntracked = isUntracked,
            CountsRules = Percent(50),
        };
    }

    private ValueList<SecurityRule> Rules(string direction, ImmutableDictionary<string, AddressGroup> groups) =>
        [.. Many(0, Of(0, 1, 6), i => Rule(Percent(50) ? $"{direction}{i}" : "", groups))];

    private SecurityRule Rule(string id, ImmutableDictionary<string, AddressGroup> groups)
    {
        var protocol = Percent(20)
            ? new RuleProtocol((byte)_random.Next(1, 256))
            : Of(RuleProtocol.All, RuleProtocol.Tcp, RuleProtocol.Udp, RuleProtocol.Sctp, RuleProtocol.Icmp, RuleProtocol.IcmpV6, RuleProtocol.Gre, RuleProtocol.Esp);
        var isIcmp = protocol == RuleProtocol.Icmp || protocol == RuleProtocol.IcmpV6;
        var first = Number16();
        return new SecurityRule
        {
            Id = id,
            Protocol = protocol,
            Ports = protocol.HasPorts && Percent(80) ? new PortRange(first, Percent(30) ? first : Of(65_535, _random.Next(first, 65_536))) : null,
            Icmp = isIcmp && Percent(80) ? new IcmpMatch(Number8(), Percent(50) ? Number8() : null) : null,
            Cidrs = [.. Prefixes(Of(1, 3, 20)).Where(c => !isIcmp || c.IsIpv4 == (protocol == RuleProtocol.Icmp))],
            AddressGroups = [.. groups.Keys.Where(_ => Percent(40))],
        };
    }

    private ValueList<IpPrefix> Prefixes(int most) => [.. Many(0, most, _ => Percent(10) ? Of<IpPrefix>(Everybody) : Prefix()).Distinct()];

    /// <summary>Those that a guest may have.</summary>
    private ValueList<IpPrefix> Hosts(int count) => [.. Many(count, count, _ => Prefix()).Distinct()];

    private IpPrefix Prefix()
    {
        var bytes = Percent(50) ? Bytes(4) : Ipv6();
        var length = Percent(50) ? bytes.Length * 8 : _random.Next(1, (bytes.Length * 8) + 1);
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IpPrefix(new IPAddress(bytes), length);
    }

    /// <summary>Also those that are written with dots, with a gap and with several, for each program has its own idea of them.</summary>
    private byte[] Ipv6() => Of(0, 1, 2, 3, 4) switch
    {
        0 => Bytes(16),
        1 => [.. new byte[12], .. Bytes(4)],
        2 => [.. new byte[8], 0xff, 0xff, 0, 0, .. Bytes(4)],
        3 => [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x5e, 0xfe, .. Bytes(4)],
        _ => [.. Enumerable.Range(0, 8).SelectMany(_ => Percent(50) ? [0, 0] : Bytes(2))],
    };

    private MacAddress Mac()
    {
        var bytes = Bytes(MacAddress.Length);
        bytes[0] &= 0xfe;
        return new MacAddress(bytes);
    }

    private byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => Percent(30) ? Of<byte>(0, 255) : (byte)_random.Next(256))];

    /// <summary>An id or a device's name that nothing else has.</summary>
    private string Name(int most, int number)
    {
        var end = string.Create(CultureInfo.InvariantCulture, $"{number}");
        return $"n{new string([.. Many(0, most - 1 - end.Length, _ => NameCharacters[_random.Next(NameCharacters.Length)])])}{end}";
    }

    private int Number16() => Of(0, 1, 65_534, 65_535, _random.Next(65_536));

    private byte Number8() => Percent(40) ? Of<byte>(0, 1, 8, 128, 254, 255) : (byte)_random.Next(256);

    private int UpTo(int most) => Of(1, 5, most, _random.Next(1, most + 1), _random.Next(1, most + 1), _random.Next(1, most + 1));

    private bool Percent(int chance) => _random.Next(100) < chance;

    private T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    private List<T> Many<T>(int least, int most, Func<int, T> next) => [.. Enumerable.Range(0, _random.Next(least, most + 1)).Select(next)];
#pragma warning restore CA5394
}
