using System.Globalization;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Tests.Journal;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>An agent killed at any moment leaves what it had told, or the one step after it.</summary>
[TestFixture]
public sealed class KilledWriterTests
{
    private const int Kills = 50;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test]
    [MachineOnly]
    public async Task Journal_OfAProcessKilledAnywhere_IsConsistent([Values(1, 2)] int seed)
    {
        using var directory = new TempDirectory();
        var state = directory["state"];
        var random = new Random(seed);
        var was = 0ul;
        for (var kill = 0; kill < Kills; kill++)
        {
            var (accepted, begun, term) = await KillWriterAsync(state, was + (ulong)random.Next(1, 5), random.Next(3));
            using var journal = new FileJournal(state, new TextCodec(), TimeProvider.System);
            var reading = journal.Read();
            Assert.That(reading.Damaged, Is.Empty);

            // None yet, if the first of all was not accepted.
            var number = reading.InForce?.Number ?? 0;
            Assert.That(number, Is.EqualTo(accepted).Or.EqualTo(accepted + 1), "in force");
            Assert.That(reading.Begun?.Number, Is.Null.Or.EqualTo(number + 1), "begun");
            Assert.That(Math.Max(number, reading.Begun?.Number ?? 0), Is.GreaterThanOrEqualTo(begun), "what was begun is known");
            Assert.That(reading.Previous?.Number, Is.Null.Or.EqualTo(number - 1), "previous");
            Assert.That(reading.Term, Is.EqualTo(term).Or.EqualTo(term + 1), "term");
            Assert.That(
                Directory.EnumerateFiles(state).Select(Path.GetFileName),
                Is.SubsetOf(new[] { "desired", "desired.next", "desired.previous", "term", "lock" }));
            was = Math.Max(number, reading.Begun?.Number ?? 0);
        }
    }

    /// <summary>Kills it as soon as it tells that it is so far; it goes on until the signal is there. What it told in the end.</summary>
    private static async Task<(ulong Accepted, ulong Begun, ulong Term)> KillWriterAsync(string state, ulong number, int progress)
    {
        string[] words = ["begun", "accepted", "term"];
        using var writer = new RunningCommand(DotnetProgram.Assembly(typeof(KilledWriterTests).Assembly.Location, "write-journal", state));
        var told = new Dictionary<string, ulong>
        {
            ["begun"] = number,
            ["accepted"] = progress == 0 ? number - 1 : number,
            ["term"] = progress == 2 ? number : number - 1,
        };
        await writer.WaitForLineAsync(string.Create(CultureInfo.InvariantCulture, $"{words[progress]} {number}."), Limit);
        writer.Kill();
        foreach (var line in await writer.ReadToEndAsync(Limit))
        {
            if (line.Split(' ', '.') is [var word, var value, ""])
            {
                told[word] = ulong.Parse(value, CultureInfo.InvariantCulture);
            }
        }

        await writer.WaitForExitAsync(Limit);
        return (told["accepted"], told["begun"], told["term"]);
    }
}
