using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>Full and read-only disks, as this kernel has them.</summary>
[TestFixture]
public sealed class DiskTests
{
    [Test]
    public void FullDisk_ChangesNothingAndWorksAgainWhenThereIsRoom() => Assert.That(Run("fill-disk"), Is.EqualTo(
    [
        "full: STATE_NOT_WRITABLE write DISK/desired.next.tmp: ENOSPC (No space left on device) [desired lock]",
        "full, term: STATE_NOT_WRITABLE write DISK/term.tmp: ENOSPC (No space left on device) [desired lock]",
        "full, way back: STATE_NOT_WRITABLE write DISK/desired.next.tmp: ENOSPC (No space left on device) [desired lock]",
        "room, way back: done [desired desired.previous lock]",
        "room: done [desired desired.next desired.previous lock]",
        "accept: done [desired desired.previous lock]",
    ]));

    [Test]
    public void ReadOnlyDisk_ChangesNothingAndWorksAgainWhenItIsWritable() => Assert.That(Run("freeze-disk"), Is.EqualTo(
    [
        "frozen, accept: STATE_NOT_WRITABLE rename DISK/desired: EROFS (Read-only file system) [desired desired.next lock]",
        "frozen: STATE_NOT_WRITABLE rename DISK/desired: EROFS (Read-only file system) [desired desired.next lock]",
        "thawed: done [desired desired.next desired.previous lock]",
        "abandon: done [desired desired.previous lock]",
        "frozen, next life: done [desired desired.next.tmp desired.previous lock]",
    ]));

    private static string[] Run(string scene)
    {
        using var directory = new TempDirectory();
        return Command.Run([
            "unshare", "--mount", "--propagation", "private", "--",
            .. DotnetProgram.Assembly(typeof(DiskTests).Assembly.Location, scene, directory.Path),
        ]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
