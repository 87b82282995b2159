using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// The agent dies at every single operation of a change, on disk and in the kernel. The next life brings about the old generation or the
/// new one, exactly as a host looks that was never disturbed, and says which of the two it is.
/// </summary>
internal sealed class EveryPointTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static int Points;

    public enum Next
    {
        /// <summary>Nothing is in its way.</summary>
        Well,

        /// <summary>The kernel refuses the first step that it tries.</summary>
        Refused,

        /// <summary>The kernel refuses the second step that it tries.</summary>
        RefusedLater,

        /// <summary>The uplink comes only after it is up.</summary>
        UplinkIsLate,

        /// <summary>It dies, too, in the middle of going on, and a third goes on.</summary>
        DiesToo,

        /// <summary>It dies in the middle of taking back what it could not finish, and a third cannot finish it either.</summary>
        RefusedAndDies,
    }

    private static HostConfig Basis => Requests.Config(Requests.Static(1, "192.0.2.2"), Requests.Vlan(2, ChaosHost.Uplink), Requests.Multicast(3));

    private static HostConfig Forwarding => Basis with { Settings = new HostSettings { IpForward = true, IgmpMaxMemberships = 40 } };

    private static HostConfig Rich => Basis.Managing() with
    {
        Networks = Basis.Networks.Add("n4", Requests.Vlan(4)),
        ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null),
        Settings = new HostSettings { IpForward = true, IgmpMaxMemberships = 30 },
    };

    private static IEnumerable<Scene> Scenes =>
    [
        new("the first configuration", [], All(Rich)),
        new("add a network", [All(Basis)], new PutNetwork(Requests.Static(4, "192.0.2.2", "192.0.2.3"))),
        new("remove a network", [All(Basis)], new RemoveNetwork("n1")),
        new("change a network", [All(Basis)], new PutNetwork(Requests.Static(1, "192.0.2.3") with { GuestMtu = 1400 })),
        new("make a network another kind", [All(Basis)], new PutNetwork(Requests.Multicast(1))),
        new("move the uplink into a bridge", [All(Basis)], All(Basis.Managing())),
        new("let go of the uplink", [All(Basis.Managing())], All(Basis)),
        new("settings", [All(Basis)], All(Forwarding)),
        new("the control network", [All(Basis)], All(Basis with { ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null) })),
        new("everything goes", [All(Rich)], All(HostConfig.Empty)),
        new("everything changes", [All(Rich)], All(Requests.Config(Requests.Multicast(1), Requests.Static(5, "192.0.2.4")))),
        new("a way back", [All(Basis), All(Forwarding)], new RestoreGeneration(Earlier(1, Basis))),
        new("a change to be confirmed", [All(Basis)], All(Rich)) { ConfirmWithin = Minute },
        new("a confirmation", [All(Basis)], new ConfirmGeneration(2)) { Unconfirmed = All(Rich) },
    ];

    /// <summary>One of each sort.</summary>
    private static IEnumerable<Scene> Observed => Scenes
        .Where(s => s.Name is "change a network" or "move the uplink into a bridge" or "let go of the uplink" or "a way back" or "the control network" or "everything changes")
        .Select(s => s.Observed());

    [Test]
    [Category("Chaos")]
    public void Death_AtAnyPoint_LeavesTheOldOrTheNew([ValueSource(nameof(Scenes))] Scene scene, [Values] Next next) => DieEverywhere(scene, next);

    /// <summary>What the agent itself left half-made is nobody's drift.</summary>
    [Test]
    [Category("Chaos")]
    public void Death_AtAnyPointOfAnAgentThatOnlyObserves_LeavesTheOldOrTheNew(
        [ValueSource(nameof(Observed))] Scene scene, [Values(Next.Refused, Next.RefusedAndDies)] Next next) => DieEverywhere(scene, next);

    private static void DieEverywhere(Scene scene, Next next)
    {
        var (before, after, operations) = Undisturbed(scene);
        for (var point = 0; point < operations; point++)
        {
            var later = next == Next.DiesToo ? 3 : 1;
            for (var second = 0; second < later; second++)
            {
                using var world = Prepared(scene);
                var doom = world.Life!.Doom;
                doom.DiesBefore = doom.Passed + point;
                world.Ask((scene.Change, scene.Options));
                Assert.That(world.Life, Is.Null, "it is dead");
                var when = $"{scene}, dead at operation {point} ({doom.Where}), {next} {second}";
                try
                {
                    GoOn(world, next, point + second);
                    AssertOldOrNew(world, before, after, when);
                    world.Settle();
                }
                catch (PromiseBrokenException e)
                {
                    Assert.Fail($"{when}: {e.Message}");
                }

                Interlocked.Increment(ref Points);
            }
        }

        TestContext.Out.WriteLine($"{operations} points; {Points} in all so far");
        Assert.That(operations, Is.GreaterThan(8), "operations");
    }

    [Test]
    [Category("Chaos")]
    public void LossOfPower_AtAnyPoint_LeavesTheOldOrTheNew([ValueSource(nameof(Scenes))] Scene scene, [Values] UnsyncedBytes bytes)
    {
        var (_, _, operations) = Undisturbed(scene);
        for (var point = 0; point <= operations; point++)
        {
            for (var kept = 0; kept < 8; kept++)
            {
                using var world = Prepared(scene);
                var doom = world.Life!.Doom;
                doom.DiesBefore = doom.Passed + point;
                world.Ask((scene.Change, scene.Options));
                try
                {
                    world.LosePower(kept, bytes, historyKept: kept % 2);
                    world.Start();
                    world.Settle();
                }
                catch (PromiseBrokenException e)
                {
                    Assert.Fail($"{scene}, power lost at operation {point} ({doom.Where}), kept {kept:b}: {e.Message}");
                }
            }
        }
    }

    private static Generation Earlier(ulong number, HostConfig config) => new()
    {
        Entry = new HistoryEntry { Generation = number, AcceptedAt = default, Caller = "", RequestId = "", Method = "", Summary = "" },
        Config = config,
    };

    private static ReplaceConfig All(HostConfig config) => new(config, ReplaceConfig.AllSections);

    /// <summary>What the host looks like before and after, and how many operations are between.</summary>
    private static (string Before, string After, int Operations) Undisturbed(Scene scene)
    {
        using var world = Prepared(scene);
        var (before, passed) = (ChaosHost.Look(world.Host), world.Life!.Doom.Passed);
        world.Ask((scene.Change, scene.Options));
        return (before, ChaosHost.Look(world.Host), world.Life.Doom.Passed - passed);
    }

    private static World Prepared(Scene scene)
    {
        var world = new World();
        world.Start();
        foreach (var edit in scene.Before)
        {
            world.Ask((edit, new ChangeOptions("before") { AllowDisruption = true }));
        }

        if (scene.Unconfirmed is { } unconfirmed)
        {
            world.Ask((unconfirmed, new ChangeOptions("unconfirmed") { AllowDisruption = true, ConfirmWithin = Minute }));
        }

        world.History.Flush();
        return world;
    }

    private static void GoOn(World world, Next next, int seed)
    {
        switch (next)
        {
            case Next.Refused or Next.RefusedLater:
                world.NoteFault();
                world.Host.FailNext(next == Next.Refused ? 1 : 2, "EBUSY", "Device or resource busy");
                break;
            case Next.UplinkIsLate:
                world.Meddle(host => host.RemoveForeign(ChaosHost.Uplink));
                world.Start();
                world.Meddle(ChaosHost.PlugUplink);
                break;
            case Next.DiesToo:
                world.Start(new Doom { DiesBefore = 2 + (seed % 15) });
                break;
            case Next.RefusedAndDies:
                world.NoteFault();
                world.Host.FailNext(1, "EBUSY", "Device or resource busy");
                world.Start(new Doom { DiesBefore = 3 + (seed * 3 % 25) });
                world.Host.FailNext(1, "EBUSY", "Device or resource busy");
                break;
        }

        if (world.Life is null)
        {
            world.Start();
        }

        world.Host.FailNext(0);

        // What was refused once is tried again after a pause, and that is before the time to confirm is over.
        world.Pass(TimeSpan.FromSeconds(2));
    }

    private static void AssertOldOrNew(World world, string before, string after, string when)
    {
        var isNew = world.Expected.Generation > world.GenerationBeforeDeath;
        Assert.That(ChaosHost.Look(world.Host), Is.EqualTo(isNew ? after : before), $"{when}: it says {(isNew ? "the new" : "the old")}");
    }

    /// <param name="Name">For people.</param>
    /// <param name="Before">What was asked for before.</param>
    /// <param name="Change">What it dies in.</param>
    public sealed record Scene(string Name, IReadOnlyList<ConfigEdit> Before, ConfigEdit Change)
    {
        public TimeSpan? ConfirmWithin { get; init; }

        public ConfigEdit? Unconfirmed { get; init; }

        public ChangeOptions Options => new("change") { AllowDisruption = true, ConfirmWithin = ConfirmWithin };

        public Scene Observed() => this with
        {
            Before = [.. Before.Select(Observed)],
            Change = Observed(Change),
            Unconfirmed = Unconfirmed is null ? null : Observed(Unconfirmed),
        };

        public override string ToString() => Name;

        private static ConfigEdit Observed(ConfigEdit edit) => edit switch
        {
            ReplaceConfig replace => replace with { Config = Observed(replace.Config) },
            RestoreGeneration restore => restore with { Target = restore.Target with { Config = Observed(restore.Target.Config) } },
            _ => edit,
        };

        private static HostConfig Observed(HostConfig config) => config with { Drift = new DriftPolicy { Mode = DriftMode.Observe } };
    }
}
