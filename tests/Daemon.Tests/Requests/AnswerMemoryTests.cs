using Cloudbr.Agent.Daemon.Requests;

namespace Cloudbr.Agent.Daemon.Tests.Requests;

/// <summary>Requests of one id: who is made, who waits, who is answered.</summary>
internal sealed class AnswerMemoryTests : IAsyncDisposable
{
    private readonly Remembering _agent = new();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Test]
    public async Task Request_ThatComesAgain_IsAnsweredAsTheFirstTime()
    {
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        await _agent.AnswerAsync("b", Remembering.Message("two"));
        Assert.That(Remembering.BytesOf(await _agent.AskAsync("a")), Is.EqualTo("one"u8.ToArray()));
        Assert.That(Remembering.BytesOf(await _agent.AskAsync("b")), Is.EqualTo("two"u8.ToArray()));
        Assert.That(await _agent.AskAsync("c"), Is.Null);
    }

    [Test]
    public async Task Request_ThatComesAgainAfterARestart_IsAnsweredAsTheFirstTime()
    {
        var refusal = new StatusAnswer(9, "ä: no", [new AnswerTrailer("x-bin", new byte[] { 0, 255, 10 }), new AnswerTrailer("y", "why"u8.ToArray())]);
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        await _agent.AnswerAsync("b", refusal);
        await _agent.RestartAsync();
        Assert.That(Remembering.BytesOf(await _agent.AskAsync("a")), Is.EqualTo("one"u8.ToArray()));
        var answer = (StatusAnswer)(await _agent.AskAsync("b"))!;
        Assert.That((answer.Code, answer.Detail), Is.EqualTo((9, "ä: no")));
        Assert.That(answer.Trailers.Select(t => (t.Key, Convert.ToHexString(t.Value.Span))), Is.EqualTo(new[] { ("x-bin", "00FF0A"), ("y", "776879") }));
        Assert.That(_agent.Log.Where(l => l.Level > Microsoft.Extensions.Logging.LogLevel.Information), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task AnotherRequest_WithAKnownId_IsToldOfTheFirst(bool restarted)
    {
        await _agent.AnswerAsync("a", Remembering.Message("one"));
        if (restarted)
        {
            await _agent.RestartAsync();
        }

        Assert.That(await _agent.EnterAsync("a", "C/D"), Is.EqualTo(new Admission.IdTaken("A/B")));
        var other = Fingerprint.Of("A/B", new V1.ShutdownRequest { NetworkId = "other" });
        Assert.That(await _agent.Memory.EnterAsync("a", "A/B", other, CancellationToken.None), Is.EqualTo(new Admission.IdTaken("A/B")));
    }

    [Test]
    public async Task AnotherRequest_WhileTheFirstIsUnderWay_IsToldOfIt()
    {
        using var turn = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        Assert.That(await _agent.EnterAsync("a", "C/D"), Is.EqualTo(new Admission.IdTaken("A/B")));
    }

    [Test]
    public async Task SameRequest_WhileTheFirstIsUnderWay_WaitsAndGetsItsAnswer()
    {
        using var turn = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        var others = Enumerable.Range(0, 20).Select(_ => _agent.EnterAsync("a")).ToList();
        Assert.That(others.Select(o => o.IsCompleted), Is.All.False);
        turn.Answer(Remembering.Message("one"));
        var answers = await Task.WhenAll(others);
        Assert.That(answers.Select(a => Remembering.BytesOf(((Admission.Answered)a).Answer)), Is.All.EqualTo("one"u8.ToArray()));
    }

    [Test]
    public async Task WhoWaits_GetsTheAnswerAlsoIfItCannotBeRemembered()
    {
        _agent.Limits = new AnswerLimits { MostFileBytes = 1_000 };
        using var turn = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        var waits = _agent.EnterAsync("a");
        turn.Answer(new MessageAnswer(new byte[1_000]));
        Assert.That(Remembering.BytesOf((await waits as Admission.Answered)?.Answer), Is.EqualTo(new byte[1_000]));
    }

    [Test]
    public async Task Turn_GivenUp_IsTakenByOneOfThoseWhoWait()
    {
        var first = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        var waiting = Enumerable.Range(0, 20).Select(_ => _agent.EnterAsync("a")).ToList();
        first.Dispose();
        for (var left = waiting.Count; left > 0; left--)
        {
            var next = await Task.WhenAny(waiting);
            waiting.Remove(next);
            using var turn = (await next as Admission.Turn)?.Mine ?? throw new AssertionException($"{await next}");
            Assert.That(waiting.Select(w => w.IsCompleted), Is.All.False, "one at a time");
        }
    }

    [Test]
    public async Task Turn_GivenUpThenAnswered_AnswersTheRest()
    {
        var first = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        var waiting = Enumerable.Range(0, 20).Select(_ => _agent.EnterAsync("a")).ToList();
        first.Dispose();
        var second = await Task.WhenAny(waiting);
        ((Admission.Turn)await second).Mine.Answer(Remembering.Message("two"));
        waiting.Remove(second);
        Assert.That((await Task.WhenAll(waiting)).Select(a => Remembering.BytesOf(((Admission.Answered)a).Answer)), Is.All.EqualTo("two"u8.ToArray()));
    }

    [Test]
    public async Task WhoWaits_MayGiveUp_AndTheOthersGoOn()
    {
        using var turn = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        using var leaving = new CancellationTokenSource();
        var waits = _agent.EnterAsync("a");
        var leaves = _agent.EnterAsync("a", cancellation: leaving.Token);
        await leaving.CancelAsync();
        Assert.That(async () => await leaves, Throws.InstanceOf<OperationCanceledException>());
        turn.Answer(Remembering.Message("one"));
        Assert.That(await waits, Is.TypeOf<Admission.Answered>());
    }

    [Test]
    public async Task WhoHasLeftAlready_GetsNoTurn()
    {
        Assert.That(async () => await _agent.EnterAsync("a", cancellation: new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await _agent.EnterAsync("a"), Is.TypeOf<Admission.Turn>());
    }

    [Test]
    public async Task Memory_ThatEnds_WaitsForTheAnswersUnderWay()
    {
        using var turn = ((Admission.Turn)await _agent.EnterAsync("a")).Mine;
        var stopped = _agent.StopAsync();
        Assert.That(stopped.IsCompleted, Is.False);
        turn.Answer(Remembering.Message("one"));
        await stopped;
        Assert.That(Remembering.BytesOf(await _agent.AskAsync("a")), Is.EqualTo("one"u8.ToArray()));
    }

    [Test]
    public async Task Answers_BeyondTheMost_AreForgottenTheOldestFirst()
    {
        _agent.Limits = new AnswerLimits { MostAnswers = 3 };
        for (var i = 0; i < 50; i++)
        {
            await _agent.AnswerAsync($"id {i}", Remembering.Message($"{i}"));
            Assert.That(_agent.Memory.Count, Is.EqualTo(Math.Min(i + 1, 3)));
        }

        await AssertNewestAsync();
        await _agent.RestartAsync();
        await AssertNewestAsync();
        Assert.That(new FileInfo(_agent.File).Length, Is.LessThan(4 * 3 * 200), "what is forgotten leaves the file, too");

        async Task AssertNewestAsync()
        {
            Assert.That(_agent.Memory.Count, Is.EqualTo(3));
            Assert.That(await _agent.AskAsync("id 46"), Is.Null);
            foreach (var i in new[] { 47, 48, 49 })
            {
                Assert.That(Remembering.BytesOf(await _agent.AskAsync($"id {i}")), Is.EqualTo(System.Text.Encoding.UTF8.GetBytes($"{i}")));
            }
        }
    }

    [Test]
    public void Nothing_IsOnDiskBeforeThereIsAnAnswer()
    {
        _ = _agent.Memory;
        Assert.That(Directory.Exists(_agent.Folder), Is.False);
    }
}
