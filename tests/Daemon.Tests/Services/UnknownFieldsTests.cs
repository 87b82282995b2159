using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;

namespace Cloudbr.Agent.Daemon.Tests.Services;

internal sealed class UnknownFieldsTests
{
    [Test]
    public void FirstIn_NothingUnknown_IsNull() => Assert.That(UnknownFields.FirstIn(new ImplementRequest()), Is.Null);

    [Test]
    public void FirstIn_UnknownInTheRequest_IsTheEmptyPath()
    {
        var request = new ImplementRequest();
        RandomMessage.AddUnknownField(request);
        Assert.That(UnknownFields.FirstIn(request), Is.Empty);
    }

    [Test]
    public void FirstIn_UnknownDeepInside_IsItsPath()
    {
        var interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));
        RandomMessage.AddUnknownField(interval);
        var request = new WatchRequest { Subscriptions = { new Subscription(), new Subscription { Interval = interval } } };
        Assert.That(UnknownFields.FirstIn(request), Is.EqualTo("subscriptions[1].interval"));
    }

    [Test]
    public void FirstIn_UnknownInSeveralPlaces_IsTheFirst()
    {
        var request = new WatchRequest { Subscriptions = { new Subscription(), new Subscription(), new Subscription() } };
        RandomMessage.AddUnknownField(request.Subscriptions[2]);
        RandomMessage.AddUnknownField(request.Subscriptions[1]);
        Assert.That(UnknownFields.FirstIn(request), Is.EqualTo("subscriptions[1]"));
    }

    [Property(MaxTest = 300)]
    public void FirstIn_AnyRequestWithoutUnknownFields_IsNull(int seed) =>
        Assert.That(UnknownFields.FirstIn(Request(new Random(seed))), Is.Null);

    [Property(MaxTest = 300)]
    public void FirstIn_UnknownFieldAnywhereInAnyRequest_IsFoundAtItsPath(int seed)
    {
        var random = new Random(seed);
        var request = Request(random);
        var parts = RandomMessage.Parts(request).ToList();
        var (path, part) = parts[random.Next(parts.Count)];
        RandomMessage.AddUnknownField(part);
        Assert.That(UnknownFields.FirstIn(request), Is.EqualTo(path));
    }

    private static Google.Protobuf.IMessage Request(Random random)
    {
        var types = Contract.Methods.Select(m => m.InputType).ToList();
        return RandomMessage.Of(types[random.Next(types.Count)], random);
    }
}
