using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Telemetry.Hub;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class SubscriptionMappingTests
{
    [Test]
    public void ToWishes_Subscription_IsTakenAsItIs()
    {
        var violations = new Violations();
        var request = new V1.WatchRequest
        {
            Subscriptions = { new V1.Subscription { Topic = (V1.Topic)77, Interval = new Duration { Seconds = 1, Nanos = 500_000_000 }, Only = { "a", "b" } } },
        };
        var wish = SubscriptionMapping.ToWishes(request, violations).Single();
        Assert.That(violations.Any, Is.False);
        Assert.That((wish.Topic, wish.Interval), Is.EqualTo((77, TimeSpan.FromSeconds(1.5))));
        Assert.That(wish.Only, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void ToWishes_NoInterval_IsNoWish() => Assert.That(
        SubscriptionMapping.ToWishes(new V1.WatchRequest { Subscriptions = { new V1.Subscription() } }, new Violations()).Single().Interval, Is.Null);

    [TestCase(1, -1)]
    [TestCase(-1, 1)]
    [TestCase(0, int.MaxValue)]
    [TestCase(0, int.MinValue)]
    [TestCase(long.MaxValue, 0)]
    [TestCase(long.MinValue, 0)]
    [TestCase(long.MaxValue, 999_999_999)]
    [TestCase(315_576_000_001, 0)]
    public void ToWishes_DurationThatIsNone_IsRefusedAtItsPlace(long seconds, int nanos)
    {
        var violations = new Violations();
        var bad = new V1.Subscription { Interval = new Duration { Seconds = seconds, Nanos = nanos } };
        SubscriptionMapping.ToWishes(new V1.WatchRequest { Subscriptions = { new V1.Subscription(), bad } }, violations);
        Assert.That(
            violations.Found,
            Is.EqualTo(new[] { new Violation("subscriptions[1].interval", $"{seconds} s and {nanos} ns make no duration") }));
    }

    [Test]
    public void ToResumePoint_NotAsked_IsNull() => Assert.That(SubscriptionMapping.ToResumePoint(new V1.WatchRequest()), Is.Null);

    [Test]
    public void ToResumePoint_AskedFromTheStart_IsNotTheSameAsNotAsked() => Assert.That(
        SubscriptionMapping.ToResumePoint(new V1.WatchRequest { ResumeAfter = 0, ResumeInstanceId = "run" }), Is.EqualTo(new ResumePoint(0, "run")));
}
