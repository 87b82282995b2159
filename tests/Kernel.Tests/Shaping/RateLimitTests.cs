using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Shaping;

/// <summary>A kernel that drops where it comes in what a guest sends beyond its rate.</summary>
[Needs(Feature.Police)]
internal sealed class PoliceTests() : RateLimitTests(ShapingMeans.Police);

/// <summary>A kernel that leads what a guest sends through a device with a queue.</summary>
[MachineOnly]
[Needs(Feature.Ifb)]
internal sealed class RedirectTests() : RateLimitTests(ShapingMeans.Redirect)
{
    /// <summary>As long as it is away, nothing that the guest sends gets anywhere.</summary>
    [Test]
    public void TheDevice_ThatSomebodyTakesAway_IsMadeAndLedToAgain()
    {
        using var agent = Start();
        AddGuest();
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400);
        Expect.Applied(agent.Prepare(Limited));
        var (before, index) = (Shown(), agent.View.State.Find(Ifb)!.Index);

        Host.Namespace.Ip($"link del {Ifb}");

        agent.WaitUntil("made again", v => v.State.Find(Ifb) is { } ifb && ifb.Index != index && v.FindProblems().Count == 0);
        Assert.That(Shown(), Is.EqualTo(before));
        Ping.UntilAnswered(peer.Namespace, "10.1.0.5", TimeSpan.FromSeconds(20));
    }
}

/// <summary>Rate limits of ports on a real kernel: as asked for, kept, changed while they are in use, and taken away without a trace.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan, Feature.Tbf)]
internal abstract class RateLimitTests(ShapingMeans means) : RateLimitScene(means)
{
    [Test]
    public void ALimit_OfADeviceThatIsThere_IsInTheKernelBothWays_UntilItIsReleased()
    {
        using var agent = Start();
        AddGuest();
        var before = Shown();

        Expect.AppliedForGood(agent, () => agent.Prepare(Limited));

        Assert.That(Root(Guest.Device), Is.EqualTo(("tbf", "cb01:", 1_250_000L)));
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
        Assert.That(Root(Guest.Device), Is.EqualTo(("tbf", "cb01:", 1_250_000L)));
        Assert.That(ShapingFromGuest(agent), Is.EqualTo(2_500_000));

        Host.Namespace.Ip($"link del {Guest.Device}");
        agent.WaitUntil("gone", v => v.State.Find(Guest.Device) is null && !v.State.OwnedAliases.Any(a => a.StartsWith("cloudbr:port:", StringComparison.Ordinal)));
        Assert.That(Shown(), Is.EqualTo(before));
        Assert.That(Seen.Drifts, Is.Empty, "nobody did anything wrong");
    }

    [Test]
    public async Task ALimit_ThatChanges_LosesNothingOfWhatIsBelowIt()
    {
        using var agent = Start();
        AddGuest();
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400);
        Expect.Applied(agent.Prepare(Limited));
        using var ping = await SteadyPing.StartAsync(Guest.Namespace, "10.1.0.6");
        var passed = Passed(Guest.Device);

        for (var i = 1; i <= 20; i++)
        {
            Expect.Applied(agent.Prepare(Limited with { RateLimit = Mbit(10 + i, 20 + i) }));
        }

        Assert.That(await ping.LostAsync(), Is.Empty);
        Assert.That(Root(Guest.Device), Is.EqualTo(("tbf", "cb01:", 3_750_000L)));
        Assert.That(ShapingFromGuest(agent), Is.EqualTo(5_000_000));
        Assert.That(Passed(Guest.Device), Is.GreaterThan(passed), "the same queue, with what it had counted");
    }

    [Test]
    public void Traffic_BeyondTheLimit_DoesNotPass_EitherWay()
    {
        using var agent = Start();
        AddGuest();
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400);
        Ping.UntilAnswered(Guest.Namespace, "10.1.0.6", TimeSpan.FromSeconds(20));
        Expect.Applied(agent.Prepare(Limited with { RateLimit = Mbit(1, 1) }));

        // 4 MB at once, where a second's worth is 125 kB and as much again may wait.
        Flood(Guest.Namespace, "10.1.0.6");
        Flood(peer.Namespace, "10.1.0.5");

        Assert.That(Dropped(DropsFromGuest()), Is.GreaterThan(100), "from the guest");
        Assert.That(Dropped($"qdisc show dev {Guest.Device} root"), Is.GreaterThan(100), "towards the guest");
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

        agent.WaitUntil("told", _ => !Seen.Drifts.IsEmpty);
        agent.WaitUntil("healed", v => Has(agent) == has);
        Assert.That(Seen.Drifts.Select(d => (d.Subject, d.Handling)), Is.All.EqualTo((new ObjectRef(ObjectKind.Port, Limited.NicId, Guest.Device), DriftHandling.Healed)));
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
        using var second = new AgentHostScene(Host.Namespace, drift: DriftMode.Heal, observer: seen, journal: journal, shapedBy: Means);
        var resumption = await seen.Resumption;
        Assert.That((resumption.Steps, second.Writes), Is.EqualTo((0, 0L)));
        Assert.That(Shown(), Is.EqualTo(before));
        Assert.That(second.View.FindProblems(), Is.Empty);
    }

    /// <summary>Whom the kernel is asked first.</summary>
    [Test]
    public void Probe_SaysWhatThisKernelHas() => Assert.That(
        NetworkProbe.Run("kvm-01")[0].Description.ShapedBy,
        Is.EqualTo(FeatureProbe.Has(Feature.Police) ? ShapingMeans.Police : ShapingMeans.Redirect));

    /// <summary>Bytes a second, as the kernel's own tools tell.</summary>
    private long ShapingFromGuest(AgentHostScene agent)
    {
        var filters = Tc($"-s filter show dev {Guest.Device} parent ffff:");
        if (Means == ShapingMeans.Police)
        {
            var police = ((PoliceIngress)Has(agent).Ingress!).Bucket.BytesPerSecond;
            Assert.That(filters, Does.Contain($"police 0x").And.Contain($"rate {(police % 125_000_000 == 0 ? $"{police / 125_000_000}Gbit" : $"{police / 125_000}Mbit")}").And.Contain("action drop"));
            return police;
        }

        Assert.That(filters, Does.Contain($"mirred (Egress Redirect to device {Ifb})"));
        return Root(Ifb).Rate;
    }

    private string DropsFromGuest() => Means == ShapingMeans.Police
        ? $"filter show dev {Guest.Device} parent ffff:"
        : $"qdisc show dev {Ifb} root";

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
}
