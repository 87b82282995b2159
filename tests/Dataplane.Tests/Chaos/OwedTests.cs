using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// The disk fails just when what became of a change is to be on it. Whoever is told so is told that, too; and as soon as the disk is well
/// it is there to stay, without anybody asking for anything.
/// </summary>
internal sealed class OwedTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    [Test]
    public void Accepted_OnceTheDiskIsWell_IsThereToStay()
    {
        using var world = Accepted();
        Pass(world);

        ComeBackWithoutUplink(world);

        Assert.That((world.Life!.View.Generation, world.Life.Resumption!.Interrupted), Is.EqualTo((2ul, (ulong?)null)));
        world.Settle();
    }

    [Test]
    public void Accepted_WhileTheDiskFails_MayBeTakenBackAsTheReportAndThenTheHistorySay()
    {
        using var world = Accepted();
        Assert.That(world.Told!.Warnings.Select(w => w.Reason), Is.EqualTo(["NOT_ON_DISK_YET"]));
        world.Ask((new Resync(), Options));
        Assert.That((world.Told.Outcome, world.Told.Warnings.Single().Reason), Is.EqualTo((ChangeOutcome.Unchanged, "NOT_ON_DISK_YET")));
        world.History.Flush();

        ComeBackWithoutUplink(world);

        Assert.That((world.Life!.View.Generation, world.Life.Resumption!.Interrupted), Is.EqualTo((1ul, (ulong?)2ul)));
        Assert.That((world.History.Find(2)!.Entry.Outcome, world.History.Find(2)!.Entry.Confirmation), Is.EqualTo((ChangeOutcome.FailedUndone, Confirmation.NotAsked)));
        world.Settle();
    }

    [Test]
    public void TakenBack_OnceTheDiskIsWell_IsNotFinished()
    {
        using var world = TakenBack();
        Pass(world);

        ComeBack(world);

        Assert.That((world.Life!.View.Generation, world.Life.Resumption!.Interrupted), Is.EqualTo((1ul, (ulong?)null)));
        world.Settle();
    }

    [Test]
    public void TakenBack_WhileTheDiskFails_MayBeFinishedAsTheReportSays()
    {
        using var world = TakenBack();
        Assert.That(world.Told!.Warnings.Select(w => w.Reason), Is.EqualTo(["NOT_ON_DISK_YET"]));

        ComeBack(world);

        Assert.That((world.Life!.View.Generation, world.Life.Resumption!.Interrupted), Is.EqualTo((2ul, (ulong?)2ul)));
        world.Settle();
    }

    [Test]
    public void Confirmed_WhileTheDiskFails_IsThereToStayAsItIs()
    {
        using var world = Begin();
        world.Ask((new PutNetwork(Requests.Static(4, "192.0.2.2")), Options with { ConfirmWithin = TimeSpan.FromMinutes(1) }));
        RefuseRename(world, FileJournal.Next);
        world.Ask((new ConfirmGeneration(2), Options));
        Assert.That(Degradations(world), Is.EqualTo([DegradedReason.StateNotWritable]));
        world.Ask((new Resync(), Options));
        Assert.That(world.Told!.Warnings, Is.Empty);

        world.Kill();
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        world.Start();

        Assert.That((world.Life!.View.Generation, world.Life.View.InForce.Entry.Confirmation), Is.EqualTo((2ul, Confirmation.Given)));
        world.Settle();
    }

    [Test]
    public void DiskThatFails_IsTriedNowAndThen()
    {
        using var world = Accepted();
        var calls = world.Life!.Journal.Calls;

        world.Pass(Pause / 2);
        Assert.That(world.Life.Journal.Calls, Is.EqualTo(calls));
        world.Pass(Pause / 2);
        Assert.That(world.Life.Journal.Calls, Is.GreaterThan(calls));
        Assert.That(Degradations(world), Is.EqualTo([DegradedReason.StateNotWritable]));
        world.Settle();
    }

    private static ChangeOptions Options => new("r");

    private static World Begin()
    {
        var world = new World();
        world.Start();
        world.Ask((new ReplaceConfig(Requests.Config(Requests.Static(1, "192.0.2.2")), ReplaceConfig.AllSections), Options));
        return world;
    }

    /// <summary>Generation 2 was told to be in force, and the disk does not take that.</summary>
    private static World Accepted()
    {
        var world = Begin();
        RefuseRename(world, FileJournal.Desired);
        world.Ask((new PutNetwork(Requests.Multicast(4)), Options));
        Assert.That((world.Told!.Outcome, world.Told.Generation), Is.EqualTo((ChangeOutcome.Applied, 2ul)));
        Assert.That(Degradations(world), Is.EqualTo([DegradedReason.StateNotWritable]));
        return world;
    }

    /// <summary>Generation 2 was told to be taken back, and the disk does not take that.</summary>
    private static World TakenBack()
    {
        var world = Begin();
        world.NoteFault();
        world.Life!.DiskFails = (operation, name) => (operation, name) == ("unlink", FileJournal.Next) ? 5 : null;
        world.Host.FailNext(1, "EBUSY", "Device or resource busy");
        world.Ask((new PutNetwork(Requests.Static(4, "192.0.2.2")), Options));
        Assert.That((world.Told!.Outcome, world.Told.Generation), Is.EqualTo((ChangeOutcome.FailedUndone, 1ul)));
        Assert.That(Degradations(world), Is.EqualTo([DegradedReason.StateNotWritable]));
        return world;
    }

    private static void RefuseRename(World world, string renamed)
    {
        world.NoteFault();
        world.Life!.DiskFails = (operation, name) => (operation, name) == ("rename", renamed) ? 5 : null;
    }

    /// <summary>The disk is well again, and the clock goes on.</summary>
    private static void Pass(World world)
    {
        world.Life!.DiskFails = null;
        world.Pass(Pause);
        Assert.That(Degradations(world), Is.Empty);
        world.Ask((new Resync(), Options));
        Assert.That(world.Told!.Warnings, Is.Empty);
    }

    private static void ComeBack(World world)
    {
        world.Kill();
        world.Start();
    }

    /// <summary>As on a host whose uplink comes late: what was begun cannot be finished.</summary>
    private static void ComeBackWithoutUplink(World world)
    {
        world.Kill();
        world.Meddle(host => host.RemoveForeign(ChaosHost.Uplink));
        world.Start();
        world.Meddle(ChaosHost.PlugUplink);
    }

    private static IEnumerable<DegradedReason> Degradations(World world) => world.Life!.View.Degradations.Select(d => d.Reason);
}
