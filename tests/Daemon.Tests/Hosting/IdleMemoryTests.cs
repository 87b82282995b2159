using Cloudbr.Agent.Daemon.Hosting;

namespace Cloudbr.Agent.Daemon.Tests.Hosting;

internal sealed class IdleMemoryTests
{
    private readonly Clock _clock = new();
    private long _allocated;
    private int _collections;

    [Test]
    public void BurstThatIsOver_IsCollectedOnce()
    {
        using var memory = new IdleMemory(_clock, () => _allocated, () => _collections++);
        Allocate(IdleMemory.Burst);
        Assert.That(_collections, Is.Zero, "work may be under way");
        Allocate(0);
        Assert.That(_collections, Is.EqualTo(1));
        Allocate(IdleMemory.Rest);
        Allocate(0);
        Assert.That(_collections, Is.EqualTo(1), "nothing worth it came since");
    }

    [Test]
    public void WorkWithoutRest_IsNeverStopped()
    {
        using var memory = new IdleMemory(_clock, () => _allocated, () => _collections++);
        for (var i = 0; i < 100; i++)
        {
            Allocate(IdleMemory.Rest + 1);
        }

        Assert.That(_collections, Is.Zero);
        Allocate(0);
        Assert.That(_collections, Is.EqualTo(1));
    }

    [Test]
    public void AgentAtRest_IsCollectedWhenEnoughCameTogether()
    {
        using var memory = new IdleMemory(_clock, () => _allocated, () => _collections++);
        for (var i = 0; i < IdleMemory.Burst / IdleMemory.Rest; i++)
        {
            Assert.That(_collections, Is.Zero);
            Allocate(IdleMemory.Rest);
        }

        Assert.That(_collections, Is.EqualTo(1));
    }

    /// <summary>One period with so much allocated in it.</summary>
    private void Allocate(long bytes)
    {
        _allocated += bytes;
        _clock.Tick();
    }

    private sealed class Clock : TimeProvider
    {
        private TimerCallback? _callback;

        public void Tick() => _callback!(null);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
