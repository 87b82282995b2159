using System.IO.Pipes;
using Cloudbr.Agent.Linux.Netlink.Sockets;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

public sealed class WakeablePollTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Each of several, and not only the one that was added last.</summary>
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Wait_EndsByWhateverBecomesReadable(int which)
    {
        AnonymousPipeServerStream[] pipes = [new(PipeDirection.Out), new(PipeDirection.Out), new(PipeDirection.Out)];
        using var poll = new WakeablePoll(pipes[0].ClientSafePipeHandle);
        poll.Add(pipes[1].ClientSafePipeHandle);
        poll.Add(pipes[2].ClientSafePipeHandle);
        var waiting = Task.Run(() => poll.Wait(null));

        pipes[which].WriteByte(1);

        var hasEnded = waiting.Wait(Limit);
        poll.Wake();
        waiting.Wait(Limit);
        Array.ForEach(pipes, p => p.Dispose());
        Assert.That(hasEnded);
    }
}
