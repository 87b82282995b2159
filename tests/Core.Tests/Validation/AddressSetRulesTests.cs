using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

/// <summary>Groups of addresses, and who may reach the host.</summary>
internal sealed class AddressSetRulesTests
{
    private const string HostBits = "has host bits: name the network, or a single address without a length";

    [Test]
    public void Group_Sound_FindsNothing()
    {
        Assert.That(Check(new AddressGroup("sg-7-members", List("10.1.1.5", "fd00::/64", "0.0.0.0/0", "224.0.0.0/4"))), Is.Empty);
        Assert.That(Check(new AddressGroup("empty", [])), Is.Empty);
        Assert.That(Check(new AddressGroup("most", Many(65_536))), Is.Empty);
    }

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a\nb")]
    [TestCase("a;b")]
    [TestCase("$(id)")]
    public void Group_WithoutAFitName_IsFound(string name) => Assert.That(
        Check(new AddressGroup(name, [])),
        Is.EqualTo(new[] { name.Length == 0 ? "groups[1].name: is required" : "groups[1].name: is not 1 to 64 characters of A-Z a-z 0-9 . _ -" }));

    [Test]
    public void Group_MembersAtFault_AreNamedByTheirPlaces() => Assert.That(
        Check(new AddressGroup("g", List("10.1.1.5", "10.1.1.5/24", "::ffff:0:0/96"))),
        Is.EqualTo(new[]
        {
            $"groups[1].members[1]: 10.1.1.5/24 {HostBits}",
            "groups[1].members[2]: ::ffff:0:0/96 is an IPv4 address written as an IPv6 one; write it as IPv4",
        }));

    [Test]
    public void Group_OfTooMany_IsToldOnce() =>
        Assert.That(Check(new AddressGroup("g", Many(65_537))), Is.EqualTo(new[] { "groups[1].members: 65537 are more than 65536" }));

    [Test]
    public void HostAccess_Sound_FindsNothing() => Assert.That(Check(new HostAccess(List("192.0.2.0/28", "2001:db8::/64", "192.0.2.77"), [])), Is.Empty);

    [Test]
    public void HostAccess_Unsound_SaysWhereAndWhy()
    {
        Assert.That(
            Check(new HostAccess(List("192.0.2.0/24", "192.0.2.1/24"), List("2001:db8::1/64"))),
            Is.EqualTo(new[] { $"access.management_cidrs[1]: 192.0.2.1/24 {HostBits}", $"access.peer_cidrs[0]: 2001:db8::1/64 {HostBits}" }));
        Assert.That(
            Check(new HostAccess(Many(4097), Many(4097))),
            Is.EqualTo(new[] { "access.management_cidrs: 4097 are more than 4096", "access.peer_cidrs: 4097 are more than 4096" }));
    }

    private static IReadOnlyList<string> Check(AddressGroup group) => Found.By(v => AddressGroupRules.Check(group, new FieldPath("groups", 1), v));

    private static IReadOnlyList<string> Check(HostAccess access) => Found.By(v => HostAccessRules.Check(access, new FieldPath("access"), v));

    private static ValueList<IpPrefix> List(params IEnumerable<string> texts) => texts.Select(IpPrefix.Parse).ToValueList();

    private static ValueList<IpPrefix> Many(int count) =>
        Enumerable.Range(0, count).Select(i => IpPrefix.Host(new System.Net.IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]))).ToValueList();
}
