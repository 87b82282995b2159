using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

/// <summary>How streams end.</summary>
internal sealed class EndingTests
{
    private readonly TestHub _test = new();

    [Test]
    public async Task Close_QueueIsReadFirst_ThenTheStreamEnds()
    {
        using var stream = _test.Open();
        _test.Time.Advance(4 * TestHub.Second);
        _test.Hub.Close();
        _test.Time.Advance(4 * TestHub.Second);
        Assert.That(await TestHub.ReadAsync(stream), Has.Count.EqualTo(1 + 5), "nothing is lost, and nothing comes after");
    }

    [Test]
    public async Task Close_ReaderThatWaits_IsWoken()
    {
        using var stream = _test.Open();
        var reading = TestHub.ReadAsync(stream);
        Assert.That(reading.IsCompleted, Is.False);
        _test.Hub.Close();
        Assert.That(await reading, Has.Count.EqualTo(1));
    }

    [Test]
    public void Close_StopsTheTimers()
    {
        using var one = _test.Open();
        using var other = _test.Open();
        Assert.That(_test.Time.Timers, Is.EqualTo(2));
        _test.Hub.Close();
        Assert.That(_test.Time.Timers, Is.Zero);
    }

    [Test]
    public async Task Open_AfterClose_SaysWhatWasUnderstoodAndEnds()
    {
        _test.Hub.Close();
        using var stream = _test.Open();
        var events = await TestHub.ReadAsync(stream);
        Assert.That(events.Select(e => e.Payload.GetType()), Is.EqualTo(new[] { typeof(StreamOpened) }));
        Assert.That(_test.Time.Timers, Is.Zero);
        Assert.That(_test.Hub.Count, Is.Zero);
    }

    [Test]
    public void Dispose_LeavesTheHubAndStopsTheTimer()
    {
        var leaving = _test.Open();
        using var staying = _test.Open();
        leaving.Dispose();
        Assert.That(_test.Hub.Count, Is.EqualTo(1));
        Assert.That(_test.Time.Timers, Is.EqualTo(1));
    }

    [Test]
    public void Dispose_Twice_IsOnce()
    {
        var stream = _test.Open();
        stream.Dispose();
        stream.Dispose();
        Assert.That(_test.Hub.Count, Is.Zero);
    }

    [Test]
    public void ReadAllAsync_Cancelled_Throws()
    {
        using var stream = _test.Open();
        using var cancellation = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in stream.ReadAllAsync(cancellation.Token))
            {
            }
        });
        cancellation.Cancel();
        Assert.That(() => reading, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task OpenAndDisposeWhileTheHubCloses_NothingIsLeftRunning()
    {
        var opening = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                using var stream = _test.Open();
                _test.Time.Advance(TimeSpan.Zero);
                await TestHub.ReadAsync(stream, most: 1);
            }
        })).ToList();
        _test.Hub.Close();
        await Task.WhenAll(opening);
        Assert.That(_test.Hub.Count, Is.Zero);
        Assert.That(_test.Time.Timers, Is.Zero);
    }
}
