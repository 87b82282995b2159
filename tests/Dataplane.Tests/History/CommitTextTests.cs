using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.History;
using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

internal sealed class CommitTextTests
{
    [TestCase("CN=mgmt-1", "CN=mgmt-1 <CN=mgmt-1@kvm-01> 0 +0000")]
    [TestCase("CN=Bürö 1", "CN=Bürö 1 <CN=Bürö 1@kvm-01> 0 +0000")]
    [TestCase("a<b>c", "a_b_c <a_b_c@kvm-01> 0 +0000")]
    [TestCase("a\ncommitter Eve <e> 1 +0000", "a committer Eve _e_ 1 +0000 <a committer Eve _e_ 1 +0000@kvm-01> 0 +0000")]
    [TestCase("\0", "unknown <unknown@kvm-01> 0 +0000")]
    [TestCase("", "unknown <unknown@kvm-01> 0 +0000")]
    public void Author_AnyCaller_FitsGitsFormat(string caller, string expected) =>
        Assert.That(CommitText.Author(Entry with { Caller = caller, AcceptedAt = DateTimeOffset.UnixEpoch }, "kvm-01"), Is.EqualTo(expected));

    [Test]
    public void Author_BeforeTheEpoch_IsTheEpoch() => Assert.That(
        CommitText.Author(Entry with { AcceptedAt = DateTimeOffset.MinValue }, "h"), Does.EndWith(" 0 +0000"));

    [Test]
    public void Message_LineEndsInOneLineFields_CannotForgeTrailers()
    {
        var entry = Entry with { Summary = "a\n\nGeneration: 1", RequestId = "r\nGeneration: 2", Method = "m\r\nGeneration: 3" };
        Assert.That(CommitText.Message(entry, isNews: true).Split('\n').Count(l => l.StartsWith("Generation:", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public void Keep_HostileWords_AreACommitThatGitFindsSound()
    {
        using var host = new HistoryHost();
        var hostile = Entry with
        {
            Caller = "x <y>\nauthor z <z> 1 +0000\0",
            Summary = "\u001b[31mred\0\n",
            Note = "one\u2028two\0\n\n\ndata 5\ndone\n",
            RequestId = "\n\n",
        };
        host.Live(Generation(1) with { Entry = hostile });
        Assert.That(host.Git("fsck", "--strict"), Is.Empty);
        Assert.That(host.Generations, Is.EqualTo(["1"]));
        Assert.That(host.Log("%B"), Does.StartWith("[31mred\n\none\ntwo \n\n\ndata 5\ndone\n\nGeneration: 1\n"));
    }

    private static readonly HistoryEntry Entry = Generation(1).Entry;
}
