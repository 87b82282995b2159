using Cloudbr.Agent.Linux.Netlink.Trace;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

internal sealed class TraceTests
{
    [Test]
    public void Describe_NamesMessagesAndAttributes()
    {
        var lines = NetlinkTrace.Describe("->", Hex.Answering(CapturedRequests.MakeVlan, 7)).Split('\n');

        Assert.That(lines, Is.EqualTo(new[]
        {
            "-> RTM_NEWLINK flags 0x605 seq 7 port 0 length 84 00000000000000000000000000000000",
            "  IFLA_MTU 78050000",
            "  IFLA_LINK 03000000",
            "  IFLA_IFNAME \"under.7\"",
            "  IFLA_LINKINFO",
            "    IFLA_INFO_KIND 766c616e",
            "    IFLA_INFO_DATA",
            "      1 0700",
            "",
        }));
    }

    [Test]
    public void Describe_OfARefusal_SaysIt() => Assert.That(
        NetlinkTrace.Describe("<-", Hex.Answering(Captured.CappedError, 9)),
        Does.StartWith("<- NLMSG_ERROR flags 0x300 seq 9").And.EndWith("EOPNOTSUPP (Operation not supported): \"Unknown device type\"\n"));

    [Test]
    public void Describe_OfWhatIsNoMessage_SaysSo() =>
        Assert.That(NetlinkTrace.Describe("<-", [1, 2, 3]), Is.EqualTo("<- 3 bytes where a message should start\n"));
}
