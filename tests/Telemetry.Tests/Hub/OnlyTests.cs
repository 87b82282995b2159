using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

/// <summary>Streams that are narrowed to some things.</summary>
internal sealed class OnlyTests
{
    private static readonly ObjectRef Entry = new(ObjectKind.ForwardingEntry, "web", "02:00:00:00:00:05 192.0.2.12", "vxlan101");

    private readonly TestHub _test = new();

    [TestCase("web", true, Description = "the network's id")]
    [TestCase("vxlan101", true, Description = "the device it is on")]
    [TestCase("192.0.2.12", true, Description = "the peer's address")]
    [TestCase("02:00:00:00:00:05 192.0.2.12", true, Description = "the kernel's name")]
    [TestCase("192.0.2.1", false)]
    [TestCase("WEB", false)]
    [TestCase("", false)]
    public async Task Only_IsHeldAgainstAllNamesOfTheObject(string only, bool isWanted)
    {
        using var stream = Open(only);
        _test.Hub.Publish(Samples.Drift(Entry));
        _test.Hub.Publish(Samples.Finding(Entry));
        Assert.That(await CountAsync(stream), Is.EqualTo(isWanted ? 2 : 0));
    }

    [Test]
    public async Task Only_OfDriftAndFinding_IsHeldAgainstTheLabelThatTheyStandOnAndTheNetworksThatTheyConcern()
    {
        var streams = new[] { "cloudbr0", "db", "cloudbr1" }.ToDictionary(n => n, Open);
        _test.Hub.Publish(Samples.Drift(Entry) with { Label = "cloudbr0" });
        _test.Hub.Publish(Samples.Finding(Entry) with { Label = "cloudbr0" });
        _test.Hub.Publish(Samples.Finding(ObjectRef.Link("eth0", "cloudbr0")) with { Affected = [ObjectRef.Network("web"), ObjectRef.Network("db")] });
        Assert.That((await CountAsync(streams["cloudbr0"]), await CountAsync(streams["db"]), await CountAsync(streams["cloudbr1"])), Is.EqualTo((3, 1, 0)));
    }

    [Test]
    public async Task Only_OfAChange_IsHeldAgainstItsStepsFailuresWarningsAndRequest()
    {
        var report = Samples.Report(Samples.Step(1), Samples.Step(2)) with
        {
            Failures = [new Failure { Operation = "plan", Subject = ObjectRef.Network("n3"), Reason = "R", Message = "m" }],
            Warnings = [new ChangeWarning("W", ObjectRef.PhysicalNetwork("cloudbr0"), "w")],
        };
        var streams = new[] { "n1", "brvx-2", "n3", "cloudbr0", "n4", "n5" }.ToDictionary(n => n, n => Open(n));
        _test.Hub.Publish(report, "n4", "");
        _test.Hub.Close();
        foreach (var (name, stream) in streams)
        {
            Assert.That(await CountAsync(stream), Is.EqualTo(name == "n5" ? 0 : 1), name);
        }
    }

    [Test]
    public async Task Only_OfAChangeThatIsShortened_StillFindsWhatWasLeftOut()
    {
        using var stream = Open("n9999");
        _test.Hub.Publish(Samples.Report([.. Enumerable.Range(0, 10_000).Select(i => Samples.Step(i))]));
        Assert.That(await CountAsync(stream), Is.EqualTo(1));
    }

    [TestCase("nic-1", true, Description = "its id")]
    [TestCase("web", true, Description = "its network's id")]
    [TestCase("brvx-101", true, Description = "the bridge")]
    [TestCase("vnet3", true, Description = "the device that went")]
    [TestCase("nic-2", false)]
    public async Task Only_OfAPortThatMoved_IsHeldAgainstAllNamesOfIt(string only, bool isWanted)
    {
        using var stream = Open(only);
        _test.Hub.Publish(Samples.Port("nic-1", PortPresence.Attached), Samples.Port("nic-1", PortPresence.Waiting, device: ""), null);
        Assert.That(await CountAsync(stream), Is.EqualTo(isWanted ? 1 : 0));
    }

    [Test]
    public async Task Only_HoldsForItsOwnTopic()
    {
        using var stream = _test.Hub.Open([new Subscription(Topic.Drift, null, ["web"]), new Subscription(Topic.Finding, null, [])]);
        var other = ObjectRef.Network("db");
        _test.Hub.Publish(Samples.Drift(other));
        _test.Hub.Publish(Samples.Finding(other));
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(events.Skip(1).Select(e => e.Payload.GetType()), Is.EqualTo(new[] { typeof(FindingEvent) }));
    }

    [Test]
    public async Task Topics_NotAskedFor_DoNotCome()
    {
        using var stream = _test.Hub.Open([new Subscription(Topic.Change, null, [])]);
        _test.Hub.Publish(Samples.Drift(Entry));
        _test.Hub.Publish(Samples.Finding(Entry));
        Assert.That(await CountAsync(stream), Is.Zero);
    }

    [Test]
    public async Task Only_WhileResuming_HoldsAsWell()
    {
        for (var i = 0; i < 100; i++)
        {
            _test.Hub.Publish(Samples.Drift(i));
        }

        using var stream = _test.Hub.Open([new Subscription(Topic.Drift, null, ["17", "71"])], new ResumePoint(0, ""));
        Assert.That(Samples.DriftsIn(await _test.CloseAndReadAsync(stream)), Is.EqualTo(new[] { 17, 71 }));
    }

    private Subscriber Open(string only) => _test.Hub.Open([.. TestHub.Retained.Select(s => s with { Only = [only] })]);

    private async Task<int> CountAsync(Subscriber stream) => (await _test.CloseAndReadAsync(stream)).Count - 1;
}
