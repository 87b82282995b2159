using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

internal sealed class SubscriptionRulesTests
{
    [Test]
    public void Resolve_NothingAsked_IsEveryTopicAtItsDefault()
    {
        var resolved = Resolve([], out var violations);
        Assert.That(violations.Any, Is.False);
        Assert.That(resolved.Select(s => s.Topic), Is.EquivalentTo(Enum.GetValues<Topic>()));
        Assert.That(resolved.Single(s => s.Topic == Topic.Heartbeat).Interval, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(resolved.Single(s => s.Topic == Topic.Loss).Interval, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(resolved.Single(s => s.Topic == Topic.Link).Interval, Is.Null);
    }

    [Test]
    public void Resolve_NothingAsked_LeavesOutWhatIsNotSent() =>
        Assert.That(
            Resolve([], out _, Topic.Loss, Topic.Heartbeat).Select(s => s.Topic), Is.EqualTo(new[] { Topic.Heartbeat, Topic.Loss }));

    [Test]
    public void Resolve_TopicThatIsNotSent_IsRefused_ForItsSilenceWouldLookLikePeace()
    {
        Resolve([Wish(Topic.Heartbeat), Wish(Topic.Drift)], out var violations, Topic.Heartbeat);
        Assert.That(
            violations.Found,
            Is.EqualTo(new[] { new Violation("subscriptions[1].topic", "Drift is part of the contract, and this agent does not send it yet") }));
    }

    [TestCase(0.1)]
    [TestCase(1)]
    [TestCase(3600)]
    public void Resolve_IntervalInRange_Holds(double seconds)
    {
        var resolved = Resolve([Wish(Topic.Heartbeat, TimeSpan.FromSeconds(seconds))], out var violations);
        Assert.That(violations.Any, Is.False);
        Assert.That(resolved.Single().Interval, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase(0, "0 s is not between 0.1 s and 1 h")]
    [TestCase(-10_000_000, "-1 s is not between 0.1 s and 1 h")]
    [TestCase(999_999, "0.0999999 s is not between 0.1 s and 1 h")]
    [TestCase(36_000_000_001, "3600.0000001 s is not between 0.1 s and 1 h")]
    public void Resolve_IntervalOutOfRange_IsRefusedInWordsThatAreTrue(long ticks, string reason)
    {
        Resolve([Wish(Topic.Link), Wish(Topic.Counters, TimeSpan.FromTicks(ticks))], out var violations);
        Assert.That(violations.Found, Is.EqualTo(new[] { new Violation("subscriptions[1].interval", reason) }));
    }

    [Test]
    public void Resolve_IntervalOfATopicThatIsNotSampled_IsIgnored()
    {
        var resolved = Resolve([Wish(Topic.Link, TimeSpan.FromDays(1))], out var violations);
        Assert.That(violations.Any, Is.False);
        Assert.That(resolved.Single().Interval, Is.Null);
    }

    [TestCase(0, "is required")]
    [TestCase(99, "99 is no topic that this agent knows")]
    [TestCase(-1, "-1 is no topic that this agent knows")]
    public void Resolve_NoTopic_IsRefusedAtItsPlace(int topic, string reason)
    {
        Resolve([Wish(Topic.Heartbeat), new SubscriptionWish(topic, null, [])], out var violations);
        Assert.That(violations.Found, Is.EqualTo(new[] { new Violation("subscriptions[1].topic", reason) }));
    }

    [Test]
    public void Resolve_TopicTwice_IsRefusedAtTheSecond()
    {
        Resolve([Wish(Topic.Drift), Wish(Topic.Link), Wish(Topic.Drift)], out var violations);
        Assert.That(
            violations.Found,
            Is.EqualTo(new[] { new Violation("subscriptions[2].topic", "Drift was asked for before; each topic at most once") }));
    }

    [Test]
    public void Resolve_SeveralWrong_AllAreTold()
    {
        Resolve([new SubscriptionWish(0, null, []), Wish(Topic.Path, TimeSpan.Zero), new SubscriptionWish(42, null, [])], out var violations);
        Assert.That(
            violations.Found.Select(v => v.FieldPath),
            Is.EqualTo(new[] { "subscriptions[0].topic", "subscriptions[1].interval", "subscriptions[2].topic" }));
    }

    [Test]
    public void Resolve_Only_IsKept() =>
        Assert.That(Resolve([new SubscriptionWish((int)Topic.Link, null, ["vnet3"])], out _).Single().Only, Is.EqualTo(new[] { "vnet3" }));

    private static SubscriptionWish Wish(Topic topic, TimeSpan? interval = null) => new((int)topic, interval, []);

    private static IReadOnlyList<Subscription> Resolve(
        IReadOnlyList<SubscriptionWish> wishes, out Violations violations, params Topic[] sent)
    {
        violations = new Violations();
        var topics = sent.Length > 0 ? sent : Enum.GetValues<Topic>();
        return SubscriptionRules.Resolve(wishes, topics.ToHashSet(), violations);
    }
}
