using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Firewall.Tests.Rendering;

namespace Cloudbr.Agent.Firewall.Tests.Rules;

/// <summary>Whether a port's security group would let a connection begin.</summary>
public sealed class PermissionsTests
{
    private static readonly SecurityRule Ping = new() { Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch(8, null), Cidrs = [IpPrefix.Parse("10.0.0.0/8")] };
    private static readonly SecurityRule Friends = new() { Protocol = RuleProtocol.Udp, AddressGroups = ["friends"] };
    private static readonly PortSecurity Strict = new() { EgressDefault = EgressDefault.Deny, AllowsDns = false };

    private static IEnumerable<TestCaseData> Cases()
    {
        var none = new PortSecurity();
        yield return Case("nothing comes in by itself", none, isIngress: true, Tcp("10.0.0.1", 80), false);
        yield return Case("all goes out by itself", none, isIngress: false, Tcp("10.0.0.1", 80), true);
        yield return Case("a port of a range", With(Intents.Web), isIngress: true, Tcp("203.0.113.1", 443), true);
        yield return Case("one past the range", With(Intents.Web), isIngress: true, Tcp("203.0.113.1", 444), false);
        yield return Case("another protocol", With(Intents.Web), isIngress: true, Udp("203.0.113.1", 80), false);
        yield return Case("IPv6 within", With(Intents.Web), isIngress: true, Tcp("2001:db8::1", 80), true);
        yield return Case("IPv6 without", With(Intents.Web), isIngress: true, Tcp("2001:db9::1", 80), false);
        yield return Case("a type of ICMP", With(Ping), isIngress: true, new Connection(1, 1, IPAddress.Parse("10.9.9.9"), Here, 0, 8, 0), true);
        yield return Case("another type", With(Ping), isIngress: true, new Connection(1, 1, IPAddress.Parse("10.9.9.9"), Here, 0, 13, 0), false);
        yield return Case("a member of a group", With(Friends), isIngress: true, Udp("198.51.100.7", 9), true);
        yield return Case("not a member", With(Friends), isIngress: true, Udp("198.51.100.8", 9), false);
        yield return Case("egress without a rule", Strict, isIngress: false, Out(17, 9), false);
        yield return Case("DNS is switched off", Strict, isIngress: false, Out(17, 53), false);
        yield return Case("DNS is not", Strict with { AllowsDns = null }, isIngress: false, Out(6, 53), true);
        yield return Case("DNS is nothing else", Strict with { AllowsDns = null }, isIngress: false, Out(132, 53), false);
        yield return Case("a rule ends that all goes out", none with { Egress = [Ping] }, isIngress: false, Out(17, 9), false);
    }

    [TestCaseSource(nameof(Cases))]
    public void Connection_IsAllowedOrNot(PortSecurity security, Connection connection, bool isIngress, bool isAllowed)
    {
        var groups = FirewallIntent.Empty.Groups.Add("friends", new AddressGroup("friends", [IpPrefix.Parse("198.51.100.7"), IpPrefix.Parse("fd00::/64")]));
        var port = Intents.Port(5) with { Security = security };
        Assert.That(Permissions.Allows(port, groups, connection, isIngress), Is.EqualTo(isAllowed));
        Assert.That(Permissions.Allows(port with { Security = null, IsTrusted = true }, groups, connection, isIngress), "a trusted port may everything");
    }

    private static readonly IPAddress Here = IPAddress.Parse("10.1.1.5");

    private static PortSecurity With(SecurityRule rule) => new() { Ingress = [rule] };

    private static Connection Tcp(string from, ushort port) => new(1, 6, IPAddress.Parse(from), Here, port, 0, 0);

    private static Connection Udp(string from, ushort port) => new(1, 17, IPAddress.Parse(from), Here, port, 0, 0);

    private static Connection Out(byte protocol, ushort port) => new(1, protocol, Here, IPAddress.Parse("192.0.2.1"), port, 0, 0);

    private static TestCaseData Case(string name, PortSecurity security, bool isIngress, Connection connection, bool isAllowed) =>
        new TestCaseData(security, connection, isIngress, isAllowed).SetArgDisplayNames(name);
}
