using Cloudbr.Agent.Testing.Chaos;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>Whatever happens to a host and its agent, in whatever order: in the end it is as it was last accepted.</summary>
internal sealed class SequenceTests
{
    private const int UsualSequences = 60;
    private const int Moves = 30;
    private const int Streams = 4;

    [Test]
    [Category("Chaos")]
    public void AnyStory_EndsAsItWasLastAccepted([Range(0, Streams - 1)] int stream)
    {
        var (sequences, deaths) = (0, 0);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var seed in ChaosRun.Seeds(UsualSequences, stream, Streams))
        {
            IReadOnlyList<int> moves = [.. Enumerable.Range(0, Moves)];
            var (failure, sequence) = Run(seed, moves);
            sequences++;
            deaths += sequence.Deaths;
            foreach (var (outcome, count) in sequence.Expected.Outcomes)
            {
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + count;
            }

            if (failure is not null)
            {
                Assert.Fail(Tell(seed, moves));
            }
        }

        TestContext.Out.WriteLine($"{sequences} stories from seed {ChaosRun.Seed}, {deaths} deaths; {string.Join(", ", outcomes.Select(o => $"{o.Key}: {o.Value}"))}");
        Assert.That(outcomes.Keys, Does.Contain("Applied").And.Contain("AwaitingConfirm"), "something was done");
    }

    private static (Exception? Failure, Sequence Sequence) Run(int seed, IReadOnlyList<int> moves)
    {
        var sequence = new Sequence(seed, moves);
        using (sequence)
        {
            try
            {
                sequence.Run();
                return (null, sequence);
            }
            catch (Exception e)
            {
                return (e, sequence);
            }
        }
    }

    /// <summary>Leaves out every move that it fails without, and tells what remains.</summary>
    private static string Tell(int seed, IReadOnlyList<int> moves)
    {
        for (var at = moves.Count - 1; at >= 0; at--)
        {
            IReadOnlyList<int> fewer = [.. moves.Where((_, i) => i != at)];
            if (Run(seed, fewer).Failure is not null)
            {
                moves = fewer;
            }
        }

        var (failure, sequence) = Run(seed, moves);
        return $"CLOUDBR_CHAOS_SEED={seed}, moves {string.Join(' ', moves)}:\n{string.Join('\n', sequence.Log)}\n{failure}";
    }
}
