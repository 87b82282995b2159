using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Testing.Fakes;
using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;

namespace Cloudbr.Agent.Dataplane.Tests.Journal;

/// <summary>
/// The machine is stopped before every single operation on the disk. Then either the process alone died, or the power went, and of
/// what was not synced any part is forgotten. Whatever is left, the next life finds what was there before the call or after it.
/// </summary>
internal sealed class CrashTests
{
    private static readonly TextCodec Codec = new();

    private static Step[] Everything =>
    [
        Intend(1), Accept, KeepTerm(3), Intend(2), Accept, Intend(3), Abandon, Intend(4), Accept, Intend(5, "pending"), Accept,
        Intend(5, "confirmed"), Accept, KeepTerm(4), Intend(6), Intend(7), Accept, Intend(8), Intend(9), Abandon, Intend(10), Accept,
    ];

    [Test]
    public void Stop_BeforeAnyOperation_LeavesTheOldOrTheNew()
    {
        var operations = 0;
        while (Run(Everything, operations))
        {
            operations++;
        }

        Assert.That(operations, Is.GreaterThan(150), "operations in all");
    }

    [Property(MaxTest = 60)]
    public void Stop_InAnySequence_LeavesTheOldOrTheNew(int seed)
    {
#pragma warning disable CA5394 // Nothing secret.
        var random = new Random(seed);
        var steps = new List<Step>();
        var intended = false;
        for (var i = 1u; i <= 12; i++)
        {
            var roll = random.Next(intended ? 4 : 2);
            steps.Add(roll switch { 0 => KeepTerm(i), 1 => Intend(i), 2 => Accept, _ => Abandon });
            intended = roll == 1 || (roll == 0 && intended);
        }
#pragma warning restore CA5394

        for (var operations = 0; Run(steps, operations); operations++)
        {
        }
    }

    /// <summary>False if all steps were done before the machine stopped.</summary>
    private static bool Run(IReadOnlyList<Step> steps, int stopsBefore)
    {
        var folder = new MemoryFolder();
        var journal = new FileJournal(folder, Codec, TimeProvider.System);
        journal.Read();
        folder.StopsBefore = folder.Operations + stopsBefore;
        var now = new Found(null, null, 0);
        var afterPowerLoss = new HashSet<Found> { now };
        var last = "nothing";
        foreach (var step in steps)
        {
            var next = step.Expect(now);
            try
            {
                step.Do(journal);
            }
            catch (MachineStoppedException)
            {
                AssertFinds(folder.AfterCrash(), [now, next], $"crash in {step.Name}, operation {stopsBefore}");
                AssertFindsAfterPowerLoss(folder, [.. afterPowerLoss, next], $"power loss in {step.Name}, operation {stopsBefore}");
                return true;
            }

            now = next;
            afterPowerLoss = step.IsForGood ? [now] : [.. afterPowerLoss, now];
            last = step.Name;
        }

        AssertFinds(folder.AfterCrash(), [now], $"crash after {last}");
        AssertFindsAfterPowerLoss(folder, afterPowerLoss, $"power loss after {last}");
        return false;
    }

    private static void AssertFindsAfterPowerLoss(MemoryFolder folder, HashSet<Found> allowed, string when)
    {
        foreach (var bytes in Enum.GetValues<UnsyncedBytes>())
        {
            for (var kept = 0; kept < 1 << folder.Unsynced; kept++)
            {
                AssertFinds(folder.AfterPowerLoss(kept, bytes), allowed, $"{when}, kept {kept:b}, unsynced bytes {bytes}");
            }
        }
    }

    private static void AssertFinds(MemoryFolder left, HashSet<Found> allowed, string when)
    {
        var journal = new FileJournal(left, Codec, TimeProvider.System);
        var reading = journal.Read();
        var found = new Found(TextCodec.Show(reading.InForce), TextCodec.Show(reading.Begun), reading.Term);
        if (!allowed.Contains(found) || reading.Damaged.Count > 0)
        {
            Assert.Fail($"{when}: found {found}, {reading.Damaged.Count} damaged; expected {string.Join(" or ", allowed)}");
        }

        // And it goes on from there.
        journal.Intend(TextCodec.Of(100));
        journal.Accept();
        var after = new FileJournal(left, Codec, TimeProvider.System).Read();
        if ((TextCodec.Show(after.InForce), TextCodec.Show(after.Begun), TextCodec.Show(after.Previous)) != ("100", null, found.InForce))
        {
            Assert.Fail($"{when}: after the next change {TextCodec.Show(after.InForce)}, previous {TextCodec.Show(after.Previous)}");
        }
    }

    private static Step Intend(ulong number, string note = "")
    {
        var generation = TextCodec.Of(number, note);
        return new Step($"Intend({number}{note})", journal => journal.Intend(generation), found => found.Intending(generation), true);
    }

    private static Step KeepTerm(ulong term) => new($"KeepTerm({term})", journal => journal.KeepTerm(term), found => found with { Term = term }, true);

    private static Step Accept { get; } =
        new("Accept", journal => journal.Accept(), found => found with { InForce = found.Begun ?? found.InForce, Begun = null }, true);

    private static Step Abandon { get; } = new("Abandon", journal => journal.Abandon(), found => found with { Begun = null }, true);

    /// <param name="Name">What is called.</param>
    /// <param name="Do">The call.</param>
    /// <param name="Expect">What is found after it.</param>
    /// <param name="IsForGood">Whether that holds after a loss of power, too.</param>
    private sealed record Step(string Name, Action<IJournal> Do, Func<Found, Found> Expect, bool IsForGood);

    private sealed record Found(string? InForce, string? Begun, ulong Term)
    {
        /// <summary>More about the generation in force is known at once; another one is begun.</summary>
        public Found Intending(Generation generation) =>
            InForce is not null && InForce.TrimEnd([.. "confirmedpending"]) == $"{generation.Number}"
                ? this with { InForce = TextCodec.Show(generation) }
                : this with { Begun = TextCodec.Show(generation) };
    }
}
