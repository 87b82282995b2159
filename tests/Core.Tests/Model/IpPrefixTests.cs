using System.Net;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Tests.Model;

internal sealed class IpPrefixTests
{
    [TestCase("169.254.0.1/16", "169.254.0.1/16")]
    [TestCase("10.0.0.1", "10.0.0.1/32")]
    [TestCase("0.0.0.0/0", "0.0.0.0/0")]
    [TestCase("2001:DB8::1/64", "2001:db8::1/64")]
    [TestCase("::", "::/128")]
    [TestCase("::ffff:10.0.0.1", "::ffff:10.0.0.1/128")]
    public void Parse_AddressWithOrWithoutLength_KeepsTheHostBits(string text, string printed) =>
        Assert.That(IpPrefix.Parse(text).ToString(), Is.EqualTo(printed));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("/")]
    [TestCase("10.0.0.1/")]
    [TestCase("10.0.0.1/33")]
    [TestCase("10.0.0.1/-1")]
    [TestCase("10.0.0.1/+8")]
    [TestCase("10.0.0.1/ 8")]
    [TestCase("10.0.0.1/8/8")]
    [TestCase("10.0.0.1/255.0.0.0")]
    [TestCase("10.0.0.1/99999999999")]
    [TestCase("10.0.0.1/08")]
    [TestCase("2001:db8::/129")]
    [TestCase("10.1")]
    [TestCase("10.0.0.256")]
    [TestCase("010.0.0.1")]
    [TestCase("0x0a.0.0.1")]
    [TestCase("167772161")]
    [TestCase("10.0.0.1 ")]
    [TestCase("10.0.0.1.")]
    [TestCase("fe80::1%eth0")]
    [TestCase("[2001:db8::1]")]
    [TestCase("2001:db8::1::2")]
    [TestCase("2001:db8")]
    [TestCase("eth0")]
    public void TryParse_WhatReadersDisagreeOn_IsNone(string? text) => Assert.That(IpPrefix.TryParse(text, out _), Is.False);

    [TestCase("10.1.0.0/16", "10.1.255.255", true)]
    [TestCase("10.1.0.0/16", "10.2.0.0", false)]
    [TestCase("10.1.4.0/22", "10.1.7.1", true)]
    [TestCase("10.1.4.0/22", "10.1.8.1", false)]
    [TestCase("0.0.0.0/0", "192.0.2.1", true)]
    [TestCase("0.0.0.0/0", "2001:db8::1", false)]
    [TestCase("10.1.0.1/32", "10.1.0.1", true)]
    [TestCase("2001:db8::/33", "2001:db8:7fff::1", true)]
    [TestCase("2001:db8::/33", "2001:db8:8000::1", false)]
    [TestCase("::1/128", "::1", true)]
    public void Contains_AddressOfTheSubnet(string prefix, string address, bool contains) =>
        Assert.That(IpPrefix.Parse(prefix).Contains(IPAddress.Parse(address)), Is.EqualTo(contains));

    [TestCase("10.1.1.0/24", false)]
    [TestCase("10.1.1.1/24", true)]
    [TestCase("10.1.1.128/25", false)]
    [TestCase("10.1.1.128/24", true)]
    [TestCase("10.1.1.2/31", false)]
    [TestCase("10.1.1.1/31", true)]
    [TestCase("10.1.1.1", false)]
    [TestCase("0.0.0.0/0", false)]
    [TestCase("128.0.0.0/0", true)]
    [TestCase("fd00::/64", false)]
    [TestCase("fd00::1/64", true)]
    [TestCase("fd00::1", false)]
    public void HasHostBits_IsWhatStandsBehindThePrefix(string text, bool expected) =>
        Assert.That(IpPrefix.Parse(text).HasHostBits, Is.EqualTo(expected));
}
