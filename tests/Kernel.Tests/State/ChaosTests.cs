using System.Globalization;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Chaos;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>
/// An agent that is killed again and again in the middle of its work on a real kernel, while others interfere with what is its own and the
/// kernel's reports are more than it has room for. Each life goes on from the last one's old or new generation and says which, and
/// meanwhile no packet is lost in a network that nobody touches, and what others have stays as it is.
/// </summary>
[TestFixture]
[MachineOnly]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class ChaosTests
{
    private const int UsualKills = 18;
    private const int KillsBetweenLooks = 16;
    private const int MostLinesToWaitFor = 4;
    private const int MostMilliseconds = 12;

    /// <summary>A seed of those that give little room for reports.</summary>
    private const int Little = 1;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private ulong _told;
    private int _finished;
    private int _takenBack;
    private int _readAnew;
    private int _healed;

    [Test]
    [Category("Chaos")]
    public async Task KilledAnywhere_GoesOnFromTheOldOrTheNew()
    {
        using var directory = new TempDirectory();
        using var hosts = TwoHosts.Create();
        var (first, state) = (hosts.First.Namespace, directory["state"]);
        first.Ip(
            "link add name eth1 type veth peer name stub", "address add 198.51.100.1/24 dev eth1", "link set eth1 up", "link set stub up",
            "link add name office type bridge", "address add 10.9.0.1/24 dev office", "link add name printer type veth peer name desk",
            "link set printer master office", "link set printer up", "link set desk up", "link set office up", "route add 10.10.0.0/16 via 10.9.0.2 dev office",
            $"link add name {ChaosStranger.Noise} type bridge");
        await RestAsync(state, first, new Random(ChaosRun.Seed));
        using var second = new AgentHostScene(hosts.Second.Namespace, "second");
        Expect.Applied(second.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), ChaosConfig.UntouchedNetwork("192.0.2.1"))));
        var bridge = second.View.Desired.Networks.Single().Value.Bridge.Name;
        var left = hosts.First.AddGuest(["10.0.0.1/24"], bridge, 1400);
        hosts.Second.AddGuest(["10.0.0.2/24"], bridge, 1400);
        using var ping = await SteadyPing.StartAsync(left.Namespace, "10.0.0.2");
        var foreign = HostSnapshot.Of(first, IsForeign);

        var kills = 0;
        foreach (var seed in ChaosRun.Seeds(UsualKills))
        {
            await LiveAndDieAsync(state, first, seed);
            if (++kills % KillsBetweenLooks == 0)
            {
                await RestAsync(state, first, new Random(seed));
                Unchanged.Since(foreign, first, $"seed {seed}", devices: IsForeign);
                Assert.That(await ping.LostAsync(), Is.Empty, $"lost packets, seed {seed}");
            }
        }

        await RestAsync(state, first, new Random(ChaosRun.Seed));
        Unchanged.Since(foreign, first, devices: IsForeign);
        Assert.That(await ping.LostAsync(), Is.Empty, "lost packets");
        TestContext.Out.WriteLine($"{kills} kills from seed {ChaosRun.Seed}; generation {_told}; {_finished} changes finished by the next life, {_takenBack} taken back; {_healed} drifts healed, all read anew {_readAnew} times");
        Assert.That(_readAnew, Is.Positive, "reports were lost");

        if (kills >= UsualKills)
        {
            // In fewer lives others may have found nothing to change.
            Assert.That(_healed, Is.Positive, "others changed what was put right");
        }
    }

    private static bool IsForeign(string device) => device is "office" or "printer" or "desk" or "stub" or "vnet0";

    /// <summary>With the compiler that starts fastest: it does not live for long.</summary>
    private static RunningCommand Start(string order, string state, NetNamespace host, params IEnumerable<int> numbers) => new(["env", "DOTNET_TieredCompilation=1", .. DotnetProgram.Assembly(
        typeof(ChaosTests).Assembly.Location, [order, state, host.Path, .. numbers.Select(n => n.ToString(CultureInfo.InvariantCulture))])]);

    /// <summary>
    /// A life in which nothing is asked for: what the last one left is put in order, and what others do meanwhile, too. What is in the place of
    /// one of its devices and not its own stays there.
    /// </summary>
    private async Task RestAsync(string state, NetNamespace host, Random dice)
    {
        const string When = "at rest";
        var taken = ChaosDisk.Read(state).Draw(dice);
        var device = string.Create(CultureInfo.InvariantCulture, $"vxlan{taken}");
        if (taken != 0)
        {
            host.TryExec(["ip", "link", "del", device]);
            host.Ip($"link add name {device} type bridge", $"link set {device} mtu 1234 alias theirs");
        }

        var theirs = HostSnapshot.Of(host, name => name == device);
        using var agent = Start("chaos-rest", state, host, Little, taken);
        CheckResumption(await agent.WaitForLineAsync("resumed ", Limit), When);
        await agent.WaitForLineAsync("checked.", Limit);
        var story = ChaosStranger.Act(host, dice, taken);
        ChaosStranger.MakeNoise(host);
        if (taken != 0)
        {
            Unchanged.Since(theirs, host, story, devices: name => name == device);
            host.Ip($"link del {device}");
        }

        story += "; " + ChaosStranger.Act(host, dice);
        agent.CloseInput();
        CheckWords(await agent.ReadToEndAsync(Limit), $"{When}, {device} was taken, somebody: {story}");
        Assert.That(await agent.WaitForExitAsync(Limit), Is.Zero);
        ChaosDisk.Read(state).CheckRest(host, _told);
    }

    /// <summary>
    /// Kills it some lines after it is up, and some time after that: the moment is what is tried, so nothing tells when it has come.
    /// </summary>
    private async Task LiveAndDieAsync(string state, NetNamespace host, int seed)
    {
        var dice = new Random(seed);
        var life = ChaosLife.Of(seed);
        var when = $"CLOUDBR_CHAOS_SEED={seed}";
#pragma warning disable CA5394 // Nothing secret.
        if (dice.Next(2) == 0)
        {
            when += $", while it was dead somebody: {ChaosStranger.Act(host, dice)}";
        }

        using var agent = Start("chaos-agent", state, host, seed);
        CheckResumption(await agent.WaitForLineAsync("resumed ", Limit), when);
        await agent.WaitForLineAsync("checked.", Limit);
        if (life is { IsDisturbed: true, LosesReports: true })
        {
            ChaosStranger.MakeNoise(host);
        }

        for (var lines = dice.Next(1, MostLinesToWaitFor + 1); lines > 0; lines--)
        {
            if (life.IsDisturbed)
            {
                when += $", somebody: {ChaosStranger.Act(host, dice)}";
            }

            CheckWords([await agent.WaitForLineAsync(lines == 1 ? "asks." : "told ", Limit)], when);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(dice.Next(MostMilliseconds)));
#pragma warning restore CA5394
        agent.Kill();
        CheckWords(await agent.ReadToEndAsync(Limit), when);
        await agent.WaitForExitAsync(Limit);
    }

    private void CheckWords(IReadOnlyList<string> lines, string when)
    {
        Assert.That(lines, Has.None.StartsWith("BAD"), when);
        _readAnew += lines.Count(l => l == "anew.");
        _healed += lines.Count(l => l == "Healed.");
        foreach (var line in lines)
        {
            if (line.Split(' ', '.') is ["told", var generation, ""])
            {
                _told = ulong.Parse(generation, CultureInfo.InvariantCulture);
            }
        }
    }

    private void CheckResumption(string line, string when)
    {
        Assert.That(line, Does.StartWith("resumed "), when);
        var words = line.Split(' ');
        var (generation, interrupted, isFinished) = (ulong.Parse(words[1], CultureInfo.InvariantCulture), ulong.Parse(words[2], CultureInfo.InvariantCulture), bool.Parse(words[3]));
        Assert.That(generation, Is.InRange(_told, _told + ChaosAgent.MostAtOnce), $"{when}: what was told is in force, or what was under way");
        if (interrupted > 0)
        {
            Assert.That(generation, isFinished ? Is.EqualTo(interrupted) : Is.EqualTo(_told), $"{when}: {line}");
            _finished += isFinished ? 1 : 0;
            _takenBack += isFinished ? 0 : 1;
        }

        _told = generation;
    }
}
