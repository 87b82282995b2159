using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What tests of networks expect again and again.</summary>
internal static class Expectations
{
    /// <summary>The report itself, when it has this outcome; otherwise its failures are told.</summary>
    public static ChangeReport MustBe(this ChangeReport report, ChangeOutcome outcome)
    {
        Assert.That(report.Outcome, Is.EqualTo(outcome), () => string.Join('\n', report.Failures));
        return report;
    }

    /// <summary>Applying this again must find nothing to do, and write nothing.</summary>
    public static void MustBeSettled(this AgentHostScene agent, Core.Model.Config.HostConfig config)
    {
        var writes = agent.Writes;
        agent.Apply(config).MustBe(ChangeOutcome.Unchanged);
        Assert.That(agent.Writes, Is.EqualTo(writes));
    }

    /// <summary>All frames up to the one that is waited for, which is the last.</summary>
    public static IReadOnlyList<Frame> Until(this FrameCapture capture, string what, Func<Frame, bool> isIt)
    {
        var frames = new List<Frame>();
        capture.Next(what, frame =>
        {
            frames.Add(frame);
            return isIt(frame);
        });
        return frames;
    }
}
