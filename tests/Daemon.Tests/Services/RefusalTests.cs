using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Services;

internal sealed class RefusalTests
{
    /// <summary>What gRPC clients take as headers unless told otherwise.</summary>
    private const int HeaderLimit = 8 * 1024;

    [Test]
    public void InvalidArgument_HasWordsForPeopleAndFieldsForPrograms()
    {
        var refused = Refused.Of(Refusal.InvalidArgument([new("ports[2].addresses[0]", "is no address"), new("term", "is required")]));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Words, Is.EqualTo("ports[2].addresses[0]: is no address; term: is required"));
        Assert.That(refused.Info.Reason, Is.EqualTo("INVALID_ARGUMENT"));
        Assert.That(refused.Info.Domain, Is.EqualTo("cloudbr.agent"));
        Assert.That(
            refused.Violations.Select(v => (v.Field, v.Description)),
            Is.EqualTo(new[] { ("ports[2].addresses[0]", "is no address"), ("term", "is required") }));
    }

    [Test]
    public void InvalidArgument_ManyViolations_TellsTheFirstAndHowManyMore()
    {
        var violations = Enumerable.Range(0, 10_000).Select(i => new Violation($"subscriptions[{i}].topic", "is required")).ToList();
        var refused = Refused.Of(Refusal.InvalidArgument(violations));
        Assert.That(refused.Violations[0].Field, Is.EqualTo("subscriptions[0].topic"));
        Assert.That(refused.Words, Does.EndWith($"; and {10_000 - refused.Violations.Count} more"));
        Assert.That(refused.TrailerBytes, Is.LessThan(HeaderLimit));
    }

    [TestCase("x")]
    [TestCase("ü")]
    [TestCase("\ud83d\ude00")]
    [TestCase("\ud83d")]
    [TestCase("\0")]
    public void InvalidArgument_LongReasons_StillFitIntoHeaders(string letter)
    {
        var reason = string.Concat(Enumerable.Repeat(letter, 5_000));
        var refused = Refused.Of(Refusal.InvalidArgument([new("network.name", reason), new("network.id", reason)]));
        Assert.That(refused.Words, Does.StartWith("network.name: ").And.EndsWith("…; and 1 more"));
        Assert.That(refused.Violations.Single().Field, Is.EqualTo("network.name"));
        Assert.That(refused.TrailerBytes, Is.LessThan(HeaderLimit));
    }

    [Test]
    public void Unimplemented_NamesTheMethodAndTheWayOn()
    {
        var refused = Refused.Of(Refusal.Unimplemented("/cloudbr.agent.v1.HostNetwork/Apply", "1.2.3"));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.Unimplemented));
        Assert.That(refused.Words, Does.StartWith("cloudbr.agent.v1.HostNetwork/Apply is part of the contract").And.Contain("(1.2.3)").And.Contain("GetCapabilities"));
        Assert.That(refused.Info.Reason, Is.EqualTo("NOT_IN_THIS_VERSION"));
    }

    [Test]
    public void Stopping_IsWorthRetrying()
    {
        var refused = Refused.Of(Refusal.Stopping());
        Assert.That(refused.Code, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(refused.Info.Reason, Is.EqualTo("AGENT_STOPPING"));
    }
}
