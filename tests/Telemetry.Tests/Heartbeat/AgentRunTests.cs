using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Tests.Heartbeat;

internal sealed class AgentRunTests
{
    [Test]
    public void Heartbeat_SaysWhoWhenAndHow()
    {
        var hub = new TestHub { Status = new AgentStatus(AgentState.Drifted, 7, 3) };
        hub.Time.Advance(TimeSpan.FromSeconds(90));
        Assert.That(
            hub.Run.Heartbeat(5, TestHub.Second),
            Is.EqualTo(new HeartbeatReading(
                5,
                "boot",
                hub.Run.InstanceId,
                new Moment(ManualTime.Start.AddSeconds(90), 90_000_000_000),
                TimeSpan.FromSeconds(90),
                new AgentStatus(AgentState.Drifted, 7, 3),
                TestHub.Second)));
    }

    [Test]
    public void Uptime_CountsFromTheStartOfTheRun()
    {
        var time = new ManualTime();
        time.Advance(TimeSpan.FromHours(1));
        var run = new AgentRun("boot", () => new AgentStatus(AgentState.Serving, 0, 0), time);
        time.Advance(TestHub.Second);
        Assert.That(run.Heartbeat(1, TestHub.Second).Uptime, Is.EqualTo(TestHub.Second));
    }

    [Test]
    public void InstanceId_IsAnotherUuidInEveryRun()
    {
        var (one, other) = (new TestHub().Run.InstanceId, new TestHub().Run.InstanceId);
        Assert.That(Guid.TryParse(one, out _));
        Assert.That(one, Is.Not.EqualTo(other));
    }

    [Test]
    public void Moment_OfTheSystem_IsTheKernelsMonotonicClock()
    {
        // The first field of /proc/uptime also counts suspended time; on a machine that is awake they go together.
        var before = TimeProvider.System.GetTimestamp();
        var moment = Moment.Now(TimeProvider.System);
        var after = TimeProvider.System.GetTimestamp();
        var nanoseconds = 1_000_000_000UL / (ulong)TimeProvider.System.TimestampFrequency;
        Assert.That(moment.MonotonicNs, Is.InRange((ulong)before * nanoseconds, (ulong)after * nanoseconds));
    }
}
