using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Shaping;

/// <summary>A kernel that drops where it comes in what a guest sends beyond its rate.</summary>
[Needs(Feature.Police)]
public sealed class PoliceTests() : RateLimitTests(ShapingMeans.Police);

/// <summary>A kernel that leads what a guest sends through a device with a queue.</summary>
[MachineOnly]
[Needs(Feature.Ifb)]
public sealed class RedirectTests() : RateLimitTests(ShapingMeans.Redirect);

/// <summary>Rate limits of ports on a real kernel: as asked for, kept, changed while they are in use, and taken away without a trace.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan, Feature.Tbf)]
public abstract partial class RateLimitTests(ShapingMeans means)
{
    private const string Bridge = "brvx-501";

    private static readonly Network Network = AgentHostScene.Vxlan(501, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), guestMtu: 1400);

    private static readonly HostConfig Config = AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Network);

    private static readonly Port Limited = new()
    {
        NicId = "nic-a",
        Network = Network.Id,
        Mac = MacAddress.Parse("02:00:4c:00:00:05"),
        RateLimit = Mbit(10, 20),
    };

    private Recorder _seen = null!;
    private TwoHosts _hosts = null!;
    private Guest _guest = null!;

    private Host Host => _hosts.First;

    [SetUp]
    public void Begin() => (_hosts, _seen) = (TwoHosts.Create(), new Recorder());

    [TearDown]
    public void End() => _hosts.Dispose();

    [Test]
    public void ALimit_OfADeviceThatIsThere_IsInTheKernelBothWays_UntilItIsReleased()
    {
        using var agent = Start();
        AddGuest();
        var before = Shown();

        Expect.AppliedForGood(agent, () => agent.Prepare(Limited));

        Assert.That(Root(_guest.Device), Is.EqualTo(("tbf", "cb01:", 1_250_000L)));
        Assert.That(ShapingFromGuest(agent), Is.EqualTo(2_500_000));
        Assert.That(agent.View.FindProblems(), Is.Empty);
        Expect.Applied(agent.Release(Limited.NicId));
        Assert.That(Shown(), Is.EqualTo(before), "nothing of it is left");
    }

    [Test]
    public void ALimit_OfADeviceThatComesLater_IsThereOnceItIs_AndGoesWithIt()
    {
        using var agent = Start();
        Expect.Unchanged(agent.Prepare(Limited));
        var before = Shown();

        AddGuest();
        agent.WaitUntil("limited", v => IsAsDesired(v.State));
        Assert.That(Root(_guest.Device), Is.EqualTo(("tbf", "cb01:", 1_250_000L)));
        Assert.That(ShapingFromGuest(agent), Is.EqualTo(2_500_000));

        Host.Namespace.Ip($"link del {_guest.Device}");
        agent.WaitUntil("gone", v => v.State.Find(_guest.Device) is null && !v.State.OwnedAliases.Any(a => a.StartsWith("cloudbr:port:", StringComparison.Ordinal)));
        Assert.That(Shown(), Is.EqualTo(before));
        Assert.That(_seen.Drifts, Is.Empty, "nobody did anything wrong");
    }

    [Test]
    public async Task ALimit_ThatChanges_LosesNothingOfWhatIsBelowIt()
    {
        using var agent = Start();
        AddGuest();
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400);
        Expect.Applied(agent.Prepare(Limited));
        using var ping = await SteadyPing.StartAsync(_guest.Namespace, "10.1.0.6");
        var passed = Passed(_guest.Device);

        for (var i = 1; i <= 20; i++)
        {
            Expect.Applied(agent.Prepare(Limited with { RateLimit = Mbit(10 + i, 20 + i) }));
        }

        Assert.That(await ping.LostAsync(), Is.Empty);
        Assert.That(Root(_guest.Device), Is.EqualTo(("tbf", "cb01:", 3_750_000L)));
        Assert.That(ShapingFromGuest(agent), Is.EqualTo(5_000_000));
        Assert.That(Passed(_guest.Device), Is.GreaterThan(passed), "the same queue, with what it had counted");
    }

    [Test]
    public void Traffic_BeyondTheLimit_DoesNotPass_EitherWay()
    {
        using var agent = Start();
        AddGuest();
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400);
        Ping.UntilAnswered(_guest.Namespace, "10.1.0.6", TimeSpan.FromSeconds(20));
        Expect.Applied(agent.Prepare(Limited with { RateLimit = Mbit(1, 1) }));

        // 4 MB at once, where a second's worth is 125 kB and as much again may wait.
        Flood(_guest.Namespace, "10.1.0.6");
        Flood(peer.Namespace, "10.1.0.5");

        Assert.That(Dropped(DropsFromGuest()), Is.GreaterThan(100), "from the guest");
        Assert.That(Dropped($"qdisc show dev {_guest.Device} root"), Is.GreaterThan(100), "towards the guest");
    }

    /// <summary>As a hypervisor makes it: with several queues of its own, each of them a discipline that the kernel gave it.</summary>
    [Test, Needs(Feature.Tun)]
    public void ATap_GetsItsOwnQueuesBack()
    {
        using var agent = Start();
        Host.Namespace.Ip("tuntap add dev vnet0 mode tap multi_queue", "link set vnet0 address fe:00:4c:00:00:05 up");
        Host.Namespace.Ip($"link set vnet0 master {Bridge}");
        var before = Shown();
        agent.WaitUntil("there", v => v.State.Find("vnet0") is { Master: not 0 });
        Expect.Applied(agent.Prepare(Limited));
        Assert.That(Root("vnet0"), Is.EqualTo(("tbf", "cb01:", 1_250_000L)));
        Expect.Applied(agent.Release(Limited.NicId));
        Assert.That(Shown(), Is.EqualTo(before));
    }

    [Test]
    public void OneDirection_AloneIsLimitedAlone()
    {
        using var agent = Start();
        AddGuest();
        var shown = Shown();
        Expect.Applied(agent.Prepare(Limited with { RateLimit = new RateLimit(new Rate(10_000_000, 50_000), null) }));
        Assert.That(Has(agent).Ingress, Is.Null);
        Assert.That(Has(agent).Egress!.BurstBytes, Is.InRange(50_000, 50_001), "as asked for");
        Expect.Applied(agent.Prepare(Limited with { RateLimit = new RateLimit(null, new Rate(100_000_000_000, null)) }));
        Assert.That(Has(agent).Egress, Is.Null);
        Assert.That(ShapingFromGuest(agent), Is.EqualTo(12_500_000_000), "more than 32 bits hold");
        Expect.Applied(agent.Prepare(Limited with { RateLimit = new RateLimit(null, null) }));
        Assert.That(Shown(), Is.EqualTo(shown));
    }

    [TestCase("qdisc add dev vnet0 root handle 7: tbf rate 1gbit burst 100k limit 100k", "tbf 7:")]
    [TestCase("qdisc add dev vnet0 clsact", "clsact ffff:")]
    [TestCase("qdisc add dev vnet0 ingress;filter add dev vnet0 parent ffff: protocol all prio 5 u32 match u32 0 0 flowid 1:1", "ingress ffff:")]
    public void WhatOthersHaveThere_IsLeftAlone_AndThePortRefused(string commands, string found)
    {
        using var agent = Start();
        AddGuest();
        foreach (var command in commands.Split(';'))
        {
            Tc(command);
        }

        var before = Shown();
        var writes = agent.Writes;

        var failure = Expect.Undone(agent.Prepare(Limited), "QDISC_EXISTS");

        Assert.That(failure.Message, Does.Contain(_guest.Device).And.Contain(found));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That((Shown(), agent.Writes), Is.EqualTo((before, writes)));
        Expect.Unchanged(agent.Prepare(Limited with { NicId = "nic-b", Mac = MacAddress.Parse("02:00:4c:00:00:07") }));
    }

    [Test]
    public void ADevice_ThatComesWithSomebodyElsesQueue_IsToldOf_AndHoldsNobodyElseUp()
    {
        using var agent = Start();
        Expect.Unchanged(agent.Prepare(Limited));
        _guest = Host.AddGuest(["10.1.0.5/24"], null, 1400, "02:00:4c:00:00:05");
        Tc($"qdisc add dev {_guest.Device} root handle 7: htb");
        _guest.AttachTo(Bridge);
        agent.WaitUntil("told", v => v.Status.State == AgentState.Degraded);
        Assert.That(_seen.Drifts.Single(d => d.Subject.Id == Limited.NicId).Failure!.Reason, Is.EqualTo("QDISC_EXISTS"));

        var other = Limited with { NicId = "nic-b", Mac = MacAddress.Parse("02:00:4c:00:00:07") };
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400, "02:00:4c:00:00:07");
        Expect.Applied(agent.Prepare(other));
        Assert.That(agent.View.State.Shaping(agent.View.State.Find(peer.Device)!.Index).Egress, Is.Not.Null);
        Expect.Undone(agent.Prepare(Limited), "QDISC_EXISTS");

        Tc($"qdisc del dev {_guest.Device} root");
        agent.WaitUntil("limited", v => IsAsDesired(v.State));
    }

    [TestCase("tc qdisc del dev vnet0 root")]
    [TestCase("tc qdisc change dev vnet0 root handle cb01: tbf rate 1mbit burst 10k limit 10k")]
    [TestCase("tc qdisc del dev vnet0 ingress")]
    [TestCase("tc filter del dev vnet0 parent ffff: prio 51969")]
    public void WhatOthersTakeOrChange_IsBack_AndTold(string command)
    {
        using var agent = Start();
        AddGuest();
        Expect.Applied(agent.Prepare(Limited));
        var (before, has) = (Shown(), Has(agent));

        Host.Namespace.Exec(command.Split(' '));

        agent.WaitUntil("told", _ => !_seen.Drifts.IsEmpty);
        agent.WaitUntil("healed", v => Has(agent) == has);
        Assert.That(_seen.Drifts.Select(d => (d.Subject, d.Handling)), Is.All.EqualTo((new ObjectRef(ObjectKind.Port, Limited.NicId, _guest.Device), DriftHandling.Healed)));
        Assert.That(Shown(), Is.EqualTo(before));
    }

    [Test]
    public async Task ANewLife_WithNothingToDo_WritesNothing()
    {
        var journal = new MemoryJournal();
        using (var first = Start(journal))
        {
            AddGuest();
            Expect.Applied(first.Prepare(Limited));
        }

        var before = Shown();
        var seen = new Recorder();
        using var second = new AgentHostScene(Host.Namespace, drift: DriftMode.Heal, observer: seen, journal: journal, shapedBy: means);
        var resumption = await seen.Resumption;
        Assert.That((resumption.Steps, second.Writes), Is.EqualTo((0, 0L)));
        Assert.That(Shown(), Is.EqualTo(before));
        Assert.That(second.View.FindProblems(), Is.Empty);
    }

    [Test]
    public void WhatAFormerLifeLeft_GoesOnceItIsKnownThatNobodyWantsIt()
    {
        AddGuestDevice(null);
        string before;
        using (var first = Start())
        {
            _guest.AttachTo(Bridge);
            before = Shown();
            Expect.Applied(first.Prepare(Limited));
        }

        var limited = Shown();
        using var second = new AgentHostScene(Host.Namespace, drift: DriftMode.Heal, shapedBy: means);
        Expect.Unchanged(second.Resync());
        Assert.That(Shown(), Is.EqualTo(limited), "nobody has said yet which ports there are");
        Expect.Applied(second.Apply(Config));
        Assert.That(Shown(), Is.EqualTo(before));
    }

    [Test]
    public void ARefusedStep_LeavesTheDeviceAsItWas()
    {
        using var agent = Start();
        AddGuest();
        var before = Shown();
        var steps = agent.Change(new PutPort(Limited, []), dryRun: true).Changes.Count;
        Assert.That(steps, Is.EqualTo(means == ShapingMeans.Redirect ? 4 : 2));
        for (var i = 0; i < steps; i++)
        {
            agent.RefuseStep = i;
            Expect.Outcome(agent.Prepare(Limited), ChangeOutcome.FailedUndone);
            Assert.That(Shown(), Is.EqualTo(before), $"step {i}");
        }

        agent.RefuseStep = null;
        Expect.Applied(agent.Prepare(Limited));
    }

    /// <summary>Whom the kernel is asked first.</summary>
    [Test]
    public void Probe_SaysWhatThisKernelHas() => Assert.That(
        NetworkProbe.Run("kvm-01")[0].Description.ShapedBy,
        Is.EqualTo(FeatureProbe.Has(Feature.Police) ? ShapingMeans.Police : ShapingMeans.Redirect));

    private static RateLimit Mbit(int toGuest, int fromGuest) => new(new Rate(toGuest * 1_000_000L, null), new Rate(fromGuest * 1_000_000L, null));

    private AgentHostScene Start(MemoryJournal? journal = null)
    {
        var agent = new AgentHostScene(Host.Namespace, drift: DriftMode.Heal, observer: _seen, journal: journal, shapedBy: means);
        Expect.Applied(agent.Apply(Config));
        return agent;
    }

    private void AddGuest() => AddGuestDevice(Bridge);

    private void AddGuestDevice(string? bridge) => _guest = Host.AddGuest(["10.1.0.5/24"], bridge, 1400, "02:00:4c:00:00:05");

    private LinkShaping Has(AgentHostScene agent) => agent.View.State.Shaping(agent.View.State.Find(_guest.Device)!.Index);

    private bool IsAsDesired(HostState state) =>
        state.Find(_guest.Device) is { } link && state.Shaping(link.Index) is { Egress: not null, Ingress: not null };

    /// <summary>Bytes a second, as the kernel's own tools tell.</summary>
    private long ShapingFromGuest(AgentHostScene agent)
    {
        var filters = Tc($"-s filter show dev {_guest.Device} parent ffff:");
        if (means == ShapingMeans.Police)
        {
            var police = ((PoliceIngress)Has(agent).Ingress!).Bucket.BytesPerSecond;
            Assert.That(filters, Does.Contain($"police 0x").And.Contain($"rate {(police % 125_000_000 == 0 ? $"{police / 125_000_000}Gbit" : $"{police / 125_000}Mbit")}").And.Contain("action drop"));
            return police;
        }

        var ifb = KernelNames.Ifb(Limited.NicId).Name;
        Assert.That(filters, Does.Contain($"mirred (Egress Redirect to device {ifb})"));
        return Root(ifb).Rate;
    }

    private string DropsFromGuest() => means == ShapingMeans.Police
        ? $"filter show dev {_guest.Device} parent ffff:"
        : $"qdisc show dev {KernelNames.Ifb(Limited.NicId).Name} root";

    private (string Kind, string Handle, long Rate) Root(string device)
    {
        using var shown = JsonDocument.Parse(Tc($"-j qdisc show dev {device} root"));
        var root = shown.RootElement[0];
        return (root.GetProperty("kind").GetString()!, root.GetProperty("handle").GetString()!, root.GetProperty("options").GetProperty("rate").GetInt64());
    }

    /// <summary>How many packets a queue has sent on.</summary>
    private long Passed(string device)
    {
        using var shown = JsonDocument.Parse(Tc($"-s -j qdisc show dev {device} root"));
        return shown.RootElement[0].GetProperty("packets").GetInt64();
    }

    private long Dropped(string what)
    {
        var shown = Tc($"-s {what}");
        var at = shown.IndexOf("(dropped ", StringComparison.Ordinal) + "(dropped ".Length;
        return long.Parse(shown[at..shown.IndexOf(',', at)], CultureInfo.InvariantCulture);
    }

    /// <summary>Devices, queueing disciplines and filters, without the numbers that the kernel gives to actions.</summary>
    private string Shown() => string.Concat(
        string.Join('\n', Host.Namespace.Exec("ip", "-br", "link").Output.Split('\n').Select(l => l.Split(' ')[0]).Order(StringComparer.Ordinal)),
        Tc("qdisc show"),
        Number().Replace(Host.Namespace.TryExec(["tc", "filter", "show", "dev", "vnet0", "parent", "ffff:"]).Output, ""));

    [GeneratedRegex("(?<=index |police )\\w+")]
    private static partial Regex Number();

    private string Tc(string arguments) => Host.Namespace.Exec(["tc", .. arguments.Split(' ')]).Output;

    private static void Flood(NetNamespace from, string address)
    {
        using var socket = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.SendBufferSize = 8 * 1024 * 1024;
        var payload = new byte[1300];
        for (var i = 0; i < 3000; i++)
        {
            socket.SendTo(payload, new IPEndPoint(IPAddress.Parse(address), 9));
        }
    }

    private sealed class Recorder : SilentObserver
    {
        private readonly TaskCompletionSource<Resumption> _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<Drift> Drifts { get; } = [];

        public Task<Resumption> Resumption => _resumed.Task;

        public override void Drifted(Drift drift) => Drifts.Enqueue(drift);

        public override void Resumed(Resumption resumption) => _resumed.TrySetResult(resumption);
    }
}
