using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Linux.Tests.Host;

/// <summary>Who locked a file, by what the kernel lists.</summary>
internal sealed class FileLockTests
{
    private const string Locks =
        """
        1: POSIX  ADVISORY  WRITE 5 fe:00:99 0 EOF
        2: FLOCK  ADVISORY  WRITE 708 fe:00:99 0 EOF
        2: -> FLOCK  ADVISORY  WRITE 1703 fe:00:99 0 EOF
        2: -> FLOCK  ADVISORY  WRITE 1704 fe:00:99 0 EOF
        3: FLOCK  ADVISORY  READ 6 fe:01:99 0 EOF
        4: FLOCK  ADVISORY  READ 7 fe:00:9 0 EOF

        """;

    [Test]
    public void Read_TellsHoldersFromThoseWhoWait_AndOneFileFromOthers()
    {
        var found = FileLock.Read(Locks, "fe:00:99");
        Assert.That((found.Holders, found.Waiters), Is.EqualTo((new[] { 708 }, new[] { 1703, 1704 })));
    }

    [Test]
    public void Of_AFileThatThisProcessLocked_NamesIt()
    {
        using var directory = new TempDirectory();
        var path = directory.Write("lock", "");
        Assert.That(FileLock.Of(path).Holders, Is.Empty);
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.That(FileLock.Of(path).Holders, Is.EqualTo(new[] { Environment.ProcessId }), "it locks what it shares with nobody");
        }

        Assert.That(FileLock.Of(path).Holders, Is.Empty);
        Assert.That(FileLock.Of(directory["nothing"]).Holders, Is.Empty);
    }

    [Test]
    public void AProcess_IsFoundByItsId_WhateverItIsCalled()
    {
        Assert.That(RunningProcess.Find(Environment.ProcessId)?.Id, Is.EqualTo(Environment.ProcessId));
        Assert.That(RunningProcess.Read("708 (a ) (b) S 1 708 0"), Is.EqualTo(new RunningProcess(708, "a ) (b", 1)));
        Assert.That(RunningProcess.Find(int.MaxValue), Is.Null);
    }
}
