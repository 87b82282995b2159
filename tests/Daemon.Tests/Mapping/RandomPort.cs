using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>Ports such as the agent accepts, with anything in them that they can have.</summary>
internal sealed class RandomPort(Random random)
{
    /// <summary>Whom rules may name.</summary>
    public static readonly IpPrefix[] Remote =
        [.. new[] { "0.0.0.0/0", "10.0.0.0/8", "192.0.2.9", "::/0", "2001:db8::/32", "fd00::9" }.Select(IpPrefix.Parse)];

#pragma warning disable CA5394 // Nothing secret.
    /// <param name="number">Another one for each, by which they have nothing in common that only one may have.</param>
    /// <param name="network">Where it is.</param>
    /// <param name="groups">The groups that its rules may name.</param>
    public Port Next(int number, Network network, string[] groups)
    {
        var isTrusted = Chance(20);
        return new Port
        {
            NicId = string.Create(CultureInfo.InvariantCulture, $"{Of("nic", "Nic", "n.")}{number}"),
            DisplayName = Of("", "i-2-34-VM eth0", "\u2603"),
            Network = network.Id,
            Device = Chance(50) ? string.Create(CultureInfo.InvariantCulture, $"vnet{number}") : "",
            Mac = MacAddress.Parse($"02:00:4c:00:00:{number:x2}"),
            Addresses = new[] { "10.1.1.5", "fd00::5", "10.1.2.0/28", "fe80::/10" }.Where(_ => Chance(50)).Select(IpPrefix.Parse).ToValueList(),
            IsTrusted = isTrusted,
            Security = !isTrusted && network.Security is not null && Chance(70) ? Security(groups) : null,
            AllowedPairs = Enumerable.Range(0, random.Next(3)).Select(_ => Pair()).ToValueList(),
            IsIsolated = Chance(30),
            RateLimit = Chance(50) ? new RateLimit(Rate(), Rate()) : null,
        };
    }

    private AllowedPair Pair() => new(
        Chance(50) ? MacAddress.Parse("00:00:5e:00:01:0a") : null, Chance(50) ? [IpPrefix.Parse("10.1.1.1"), IpPrefix.Parse("fd00:1::/64")] : [], Chance(50));

    private Rate? Rate() => Chance(30) ? null : new Rate(random.NextInt64(10_000_000, 400_000_000_001), Chance(50) ? random.NextInt64(1_600, 268_435_457) : null);

    private PortSecurity Security(string[] groups)
    {
        var isUntracked = Chance(20);
        return new PortSecurity
        {
            Ingress = isUntracked ? [Everything] : Rules("in", groups),
            Egress = isUntracked ? [] : Rules("out", groups),
            EgressDefault = !isUntracked && Chance(50) ? EgressDefault.Deny : EgressDefault.AllowUntilRule,
            AllowsDns = Chance(30) ? null : Chance(50),
            ConnectionLimit = !isUntracked && Chance(50) ? new ConnectionLimit(random.Next(1, 10_001), random.Next(1, 10_001)) : null,
            DropLogging = Chance(50) ? new DropLogging(random.Next(65_536), random.Next(1, 1_001)) : null,
            IsUntracked = isUntracked,
            CountsRules = Chance(50),
        };
    }

    private static SecurityRule Everything => new() { Protocol = RuleProtocol.All, Cidrs = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")] };

    private ValueList<SecurityRule> Rules(string direction, string[] groups) =>
        Enumerable.Range(0, random.Next(4)).Select(i => Rule(Chance(50) ? $"{direction}-{i}" : "", groups)).ToValueList();

    private SecurityRule Rule(string id, string[] groups)
    {
        var protocol = Of(
            RuleProtocol.All, RuleProtocol.Tcp, RuleProtocol.Udp, RuleProtocol.Sctp, RuleProtocol.Icmp, RuleProtocol.IcmpV6, RuleProtocol.Gre, RuleProtocol.Esp,
            new RuleProtocol((byte)random.Next(1, 256)));
        var first = random.Next(65_536);
        return new SecurityRule
        {
            Id = id,
            Protocol = protocol,
            Ports = protocol.HasPorts && Chance(70) ? new PortRange(first, random.Next(first, 65_536)) : null,
            Icmp = (protocol == RuleProtocol.Icmp || protocol == RuleProtocol.IcmpV6) && Chance(70)
                ? new IcmpMatch((byte)random.Next(256), Chance(50) ? (byte)random.Next(256) : null)
                : null,
            Cidrs = Remote.Where(c => protocol == RuleProtocol.Icmp ? c.IsIpv4 : protocol != RuleProtocol.IcmpV6 || !c.IsIpv4)
                .Where((_, i) => i == 0 || Chance(50)).ToValueList(),
            AddressGroups = groups.Where(_ => Chance(30)).ToValueList(),
        };
    }

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Of<T>(params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];
#pragma warning restore CA5394
}
