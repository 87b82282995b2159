using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// A change that cut management off goes back also where the disk takes nothing: what the disk has is enough to go back, and to do it again
/// after a death at any point. That it was done is on disk as soon as that is well.
/// </summary>
internal sealed class WayBackTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DiskPause = TimeSpan.FromSeconds(5);

    public enum Disk
    {
        Well,
        Full,
        ReadOnly,
    }

    private static HostConfig Basis => Requests.Config(Requests.Static(1, "192.0.2.2"), Requests.Vlan(2, ChaosHost.Uplink));

    private static IEnumerable<TestCaseData> Changes =>
    [
        new TestCaseData(Basis, Basis.Managing()).SetArgDisplayNames("the uplink moves"),
        new TestCaseData(Basis.Managing(), Basis).SetArgDisplayNames("the uplink is let go"),
        new TestCaseData(Basis, Requests.Config(Requests.Multicast(1)) with { Settings = new HostSettings { IpForward = true } }).SetArgDisplayNames("the rest"),
    ];

    [Test]
    public void WhileTheDiskFails_IsMadeAndToldAndOnDiskLater([Values(Disk.Full, Disk.ReadOnly)] Disk disk)
    {
        var (world, before) = Unconfirmed(Basis, Basis.Managing(), disk);
        using var held = world;

        world.Pass(Minute);

        Assert.That((world.Life!.View.Generation, world.Life.View.InForce.Pending, ChaosHost.Look(world.Host)), Is.EqualTo((3ul, (PendingConfirm?)null, before)));
        Assert.That((world.Told!.Undone!.Cause, world.Told.Warnings.Select(w => w.Reason).Single()), Is.EqualTo((UndoCause.ConfirmExpired, "NOT_ON_DISK_YET")));
        Assert.That(world.Life.View.Degradations.Select(d => d.Reason), Is.EqualTo([DegradedReason.StateNotWritable]));
        world.Ask((new PutNetwork(Requests.Multicast(5)), new ChangeOptions("another")));
        Assert.That(world.Told.Failures.Select(f => f.Reason), Is.EqualTo(["STATE_NOT_WRITABLE"]));

        world.Life.DiskFails = null;
        world.Pass(DiskPause);
        Assert.That(world.Life.View.Degradations, Is.Empty);
        world.Kill();
        world.Start();
        Assert.That((world.Life!.View.Generation, world.Life.Journal.Found.Previous!.Number), Is.EqualTo((3ul, 2ul)));
        world.Settle();
    }

    /// <summary>What was not confirmed in time is not made again for a moment, only because the disk knows nothing else.</summary>
    [Test]
    public void Restart_BeforeItIsOnDisk_WritesNothingToTheKernel([Values] Disk next)
    {
        var (world, _) = Unconfirmed(Basis, Basis.Managing(), Disk.Full);
        using var held = world;
        world.Pass(Minute);
        var writes = world.Host.Writes;

        world.Kill();
        Start(world, next);

        Assert.That((world.Host.Writes, world.Life!.View.Generation, world.Told!.Undone!.Cause), Is.EqualTo((writes, 3ul, UndoCause.RestartedTooLate)));
        world.Settle();
        Assert.That((world.History.Find(2)!.Entry.Confirmation, world.History.Find(3)!.Entry.Outcome), Is.EqualTo((Confirmation.Expired, ChangeOutcome.Applied)));
    }

    [TestCaseSource(nameof(Changes))]
    public void Death_AtAnyPoint_GoesBackNevertheless(HostConfig first, HostConfig second)
    {
        foreach (var (disk, next) in new[] { (Disk.Full, Disk.Full), (Disk.Full, Disk.Well), (Disk.ReadOnly, Disk.ReadOnly) })
        {
            var operations = int.MaxValue;
            for (var point = 0; point < operations; point++)
            {
                var (world, before) = Unconfirmed(first, second, disk);
                using var held = world;
                var doom = world.Life!.Doom;
                var passed = doom.Passed;
                doom.DiesBefore = passed + point;
                world.Pass(Minute);
                if (world.Life is not null)
                {
                    operations = point;
                    doom.DiesBefore = null;
                }

                var when = $"dead at operation {point} ({doom.Where}) with {disk}, then {next}";
                try
                {
                    if (world.Life is null)
                    {
                        Start(world, next);
                    }

                    Assert.That((world.Life!.View.Generation, ChaosHost.Look(world.Host)), Is.EqualTo((3ul, before)), when);
                    world.Settle();
                }
                catch (PromiseBrokenException e)
                {
                    Assert.Fail($"{when}: {e.Message}");
                }
            }

            Assert.That(operations, Is.InRange(8, 200));
        }
    }

    /// <summary>Generation 2 awaits its confirmation, and from then on the disk is as is said; with what the host was like before it.</summary>
    private static (World World, string Before) Unconfirmed(HostConfig first, HostConfig second, Disk disk)
    {
        var world = new World();
        world.Start();
        world.Ask((new ReplaceConfig(first, ReplaceConfig.AllSections), new ChangeOptions("first")));
        var before = ChaosHost.Look(world.Host);
        world.Ask((new ReplaceConfig(second, ReplaceConfig.AllSections), new ChangeOptions("second") { AllowDisruption = true, ConfirmWithin = Minute }));
        Assert.That((world.Told!.Outcome, world.Told.Generation), Is.EqualTo((ChangeOutcome.AwaitingConfirm, 2ul)));
        Assert.That(ChaosHost.Look(world.Host), Is.Not.EqualTo(before));
        world.History.Flush();
        world.NoteFault();
        world.Life!.DiskFails = Faults(disk);
        return (world, before);
    }

    private static void Start(World world, Disk disk) => world.Start(prepare: life => life.DiskFails = Faults(disk));

    private static Func<string, string, int?>? Faults(Disk disk) => disk switch
    {
        Disk.Full => (operation, _) => operation == "write" ? 28 : null,
        Disk.ReadOnly => (operation, _) => operation is "open" or "link" or "rename" or "unlink" ? 30 : null,
        _ => null,
    };
}
