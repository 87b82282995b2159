using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Journal;

/// <summary>Any operation on the disk may be refused: all is as before, and goes on when the disk does.</summary>
internal sealed class FailingDiskTests
{
    private static readonly int[] Numbers = [5, 13, 28, 30, 122];

    [Test]
    public void Intend_AnyOperationFails_LeavesAllAsItWas([ValueSource(nameof(Numbers))] int number, [Values] bool begun) =>
        FailEach(number, begun, journal => journal.Intend(TextCodec.Of(9)));

    [Test]
    public void KeepTerm_AnyOperationFails_LeavesAllAsItWas([ValueSource(nameof(Numbers))] int number, [Values] bool begun) =>
        FailEach(number, begun, journal => journal.KeepTerm(8));

    [TestCase(28, "ENOSPC (No space left on device)", "make room on the file system of /state")]
    [TestCase(122, "EDQUOT (Disk quota exceeded)", "raise the quota")]
    [TestCase(30, "EROFS (Read-only file system)", "mount the file system of /state writable")]
    [TestCase(13, "EACCES (Permission denied)", "give /state and all in it to the user that the service runs as")]
    [TestCase(5, "EIO (Input/output error)", "see the kernel's log for the disk under /state")]
    public void Intend_Refused_SaysWhatToDo(int number, string words, string remedy)
    {
        var (folder, journal) = Sound(begun: false);
        folder.Fails = (operation, _) => operation == "write" ? number : null;
        var failure = Assert.Throws<JournalException>(() => journal.Intend(TextCodec.Of(9)))!.Failure;
        Assert.That((failure.Kind, failure.Reason, failure.Operation), Is.EqualTo((FailureKind.FailedPrecondition, "STATE_NOT_WRITABLE", "write")));
        Assert.That(failure.Subject, Is.EqualTo(ObjectRef.File("/state/desired.next.tmp")));
        Assert.That(failure.Message, Is.EqualTo($"the agent's state cannot be kept in /state: {words}"));
        Assert.That(failure.Evidence, Does.Contain(words));
        Assert.That(failure.Remedy, Does.Contain(remedy));
    }

    [Test]
    public void Accept_AnyOperationFails_IsStillBegunAndMadeUpForByTheNextIntend([Values(1, 2)] int renames)
    {
        var (folder, journal) = Sound(begun: true);
        FailFrom(folder, renames);
        Assert.That(journal.Accept, Throws.InstanceOf<JournalException>());
        Assert.That(Reading(folder), Is.EqualTo(("2", "3", 7ul)));

        Assert.That(() => journal.Intend(TextCodec.Of(4)), Throws.InstanceOf<JournalException>(), "the disk still fails");
        Assert.That(Reading(folder), Is.EqualTo(("2", "3", 7ul)));

        folder.Fails = null;
        journal.Intend(TextCodec.Of(4));
        Assert.That(Reading(folder), Is.EqualTo(("3", "4", 7ul)));
        Assert.That(TextCodec.Show(Journal(folder.AfterCrash()).Read().Previous), Is.EqualTo("2"));
    }

    [Test]
    public void Accept_Failed_CanBeCalledAgain()
    {
        var (folder, journal) = Sound(begun: true);
        FailFrom(folder, 2);
        Assert.That(journal.Accept, Throws.InstanceOf<JournalException>());
        folder.Fails = null;
        journal.Accept();
        Assert.That(Reading(folder), Is.EqualTo(("3", (string?)null, 7ul)));
    }

    [TestCase("unlink")]
    [TestCase("fsync")]
    public void Abandon_AnyOperationFails_IsMadeUpForBeforeAnythingElseIsIntended(string fails)
    {
        var (folder, journal) = Sound(begun: true);
        folder.Fails = (operation, _) => operation == fails ? 5 : null;
        Assert.That(journal.Abandon, Throws.InstanceOf<JournalException>());
        Assert.That(() => journal.Intend(TextCodec.Of(4)), Throws.InstanceOf<JournalException>());
        folder.Fails = null;
        journal.Intend(TextCodec.Of(4));
        journal.Abandon();
        Assert.That(Reading(folder.AfterPowerLoss(0, UnsyncedBytes.Lost)), Is.EqualTo(("2", (string?)null, 7ul)));
    }

    /// <summary>The new intent was in its place when the disk failed, and could not even be taken away again.</summary>
    [Test]
    public void Intend_CannotBeTakenBack_IsGoneBeforeTheNextIsThere()
    {
        var (folder, journal) = Sound(begun: false);
        folder.Fails = (operation, name) => (operation, name) is ("fsync", "") or ("unlink", "desired.next") ? 5 : null;
        Assert.That(() => journal.Intend(TextCodec.Of(9)), Throws.InstanceOf<JournalException>());
        folder.Fails = (operation, _) => operation == "open" ? 28 : null;
        Assert.That(() => journal.Intend(TextCodec.Of(9)), Throws.InstanceOf<JournalException>());
        Assert.That(Reading(folder.AfterPowerLoss(0, UnsyncedBytes.Lost)), Is.EqualTo(("2", (string?)null, 7ul)));
    }

    [Test]
    public void CatchUp_AfterAFailedAccept_MakesUpForIt([Values(1, 2)] int renames)
    {
        var (folder, journal) = Sound(begun: true);
        FailFrom(folder, renames);
        Assert.That(journal.Accept, Throws.InstanceOf<JournalException>());
        Assert.That(journal.CatchUp, Throws.InstanceOf<JournalException>());
        Assert.That(journal.Owed, Is.EqualTo(Owed.Accept));

        folder.Fails = null;
        journal.CatchUp();

        Assert.That(journal.Owed, Is.EqualTo(Owed.Nothing));
        Assert.That(Reading(folder.AfterPowerLoss(0, UnsyncedBytes.Lost)), Is.EqualTo(("3", (string?)null, 7ul)));
    }

    /// <summary>What was not intended is begun and in force for the disk with the first operation that it takes.</summary>
    [Test]
    public void Install_AnyOperationFails_IsMadeUpForByCatchUpAndTheNextIntend([Values] bool begun, [Values] bool byIntend)
    {
        for (var fails = 0; ; fails++)
        {
            var (folder, journal) = Sound(begun);
            if (begun)
            {
                FailFrom(folder, 1);
                Assert.That(journal.Accept, Throws.InstanceOf<JournalException>());
            }

            var count = 0;
            folder.Fails = (_, _) => count++ >= fails ? 5 : null;
            try
            {
                journal.Install(TextCodec.Of(4));
                Assert.That(fails, Is.GreaterThan(8));
                return;
            }
            catch (JournalException)
            {
                Assert.That(journal.CatchUp, Throws.InstanceOf<JournalException>());
            }

            // What is begun on disk may be so only until the power goes, and is owed as if it were not.
            Assert.That((journal.Owed, Reading(folder)), Is.AnyOf(
                (Owed.Install, ("2", begun ? "3" : null, 7ul)),
                (Owed.Install, ("3", (string?)null, 7ul)),
                (Owed.Install, (begun ? "3" : "2", "4", 7ul)),
                (Owed.Accept, (begun ? "3" : "2", "4", 7ul)),
                (Owed.Accept, ("4", (string?)null, 7ul))), $"after operation {fails} failed");
            folder.Fails = null;
            if (byIntend)
            {
                journal.Intend(TextCodec.Of(5));
            }
            else
            {
                journal.CatchUp();
            }

            Assert.That(journal.Owed, Is.EqualTo(Owed.Nothing));
            Assert.That(Reading(folder.AfterPowerLoss(0, UnsyncedBytes.Lost)), Is.EqualTo(("4", byIntend ? "5" : null, 7ul)));
            Assert.That(TextCodec.Show(Journal(folder.AfterCrash()).Read().Previous), Is.EqualTo(begun ? "3" : "2"));
        }
    }

    /// <summary>A small file may find room on a disk that has none for the intent.</summary>
    [Test]
    public void CatchUp_AfterARefusedIntent_NeedsRoomForAnotherOfItsSizeAndChangesNothing()
    {
        var (folder, journal) = Sound(begun: false);
        var before = folder.Files;
        folder.Fails = (operation, _) => operation == "write" ? 28 : null;
        Assert.That(() => journal.Intend(TextCodec.Of(9)), Throws.InstanceOf<JournalException>());
        Assert.That(journal.CatchUp, Throws.InstanceOf<JournalException>());
        Assert.That(folder.Files, Is.EqualTo(before));

        var room = 0;
        folder.Fails = (_, name) =>
        {
            room = Math.Max(room, folder.Files.GetValueOrDefault(name)?.Length ?? 0);
            return null;
        };
        journal.CatchUp();
        Assert.That(folder.Files, Is.EqualTo(before));
        folder.Fails = null;
        journal.Intend(TextCodec.Of(9));
        Assert.That(room, Is.EqualTo(folder.Files["desired.next"].Length));
        journal.CatchUp();
        Assert.That(Reading(folder), Is.EqualTo(("2", "9", 7ul)), "an intent under way is left alone");
    }

    [Test]
    public void Accept_WithoutAnIntent_IsADefect()
    {
        var (_, journal) = Sound(begun: false);
        Assert.That(journal.Accept, Throws.InvalidOperationException);
    }

    [Test]
    public void Abandon_WithoutAnIntent_DoesNotTouchTheDisk()
    {
        var (folder, journal) = Sound(begun: false);
        folder.Fails = (_, _) => 5;
        journal.Abandon();
        Assert.That(folder.Operations, Is.GreaterThan(0));
    }

    [Test]
    public void KeepTerm_NoHigher_DoesNotTouchTheDisk()
    {
        var (folder, journal) = Sound(begun: false);
        folder.Fails = (_, _) => 5;
        journal.KeepTerm(7);
        journal.KeepTerm(6);
        Assert.That(Reading(folder).Term, Is.EqualTo(7));
    }

    [Test]
    public void AnythingBeforeRead_IsADefect()
    {
        var journal = Journal(new MemoryFolder());
        Assert.That(() => journal.Intend(TextCodec.Of(1)), Throws.InvalidOperationException);
        Assert.That(journal.Accept, Throws.InvalidOperationException);
        Assert.That(journal.Abandon, Throws.InvalidOperationException);
        Assert.That(() => journal.Install(TextCodec.Of(1)), Throws.InvalidOperationException);
        Assert.That(() => journal.KeepTerm(1), Throws.InvalidOperationException);
        Assert.That(journal.CatchUp, Throws.InvalidOperationException);
    }

    private static void FailEach(int number, bool begun, Action<IJournal> act)
    {
        var tried = 0;
        for (var fails = 0; ; fails++)
        {
            var (folder, journal) = Sound(begun);
            var before = folder.Files;
            var found = Reading(folder);
            var count = 0;
            folder.Fails = (_, _) => count++ == fails ? number : null;
            try
            {
                act(journal);
            }
            catch (JournalException)
            {
                tried++;
                Assert.That(folder.Files, Is.EqualTo(before), $"after operation {fails} failed");
                Assert.That(Reading(folder), Is.EqualTo(found));
                folder.Fails = null;
                act(journal);
                Assert.That(Reading(folder), Is.Not.EqualTo(found), "it works again");
                Assert.That(folder.Files.Keys.Where(n => n.EndsWith(".tmp", StringComparison.Ordinal)), Is.Empty);
                continue;
            }

            // What was only tidying up may fail unheard; past the last operation nothing fails.
            if (count <= fails)
            {
                Assert.That(tried, Is.GreaterThan(5));
                return;
            }
        }
    }

    private static void FailFrom(MemoryFolder folder, int rename)
    {
        var renames = 0;
        folder.Fails = (operation, _) => operation == "rename" && ++renames >= rename ? 5 : null;
    }

    /// <summary>1 was in force before 2; 3 may be begun.</summary>
    private static (MemoryFolder Folder, FileJournal Journal) Sound(bool begun)
    {
        var folder = new MemoryFolder();
        var journal = Journal(folder);
        journal.Read();
        journal.Intend(TextCodec.Of(1));
        journal.Accept();
        journal.Intend(TextCodec.Of(2));
        journal.Accept();
        journal.KeepTerm(7);
        if (begun)
        {
            journal.Intend(TextCodec.Of(3));
        }

        return (folder, journal);
    }

    private static (string? InForce, string? Begun, ulong Term) Reading(MemoryFolder folder)
    {
        var reading = Journal(folder.AfterCrash()).Read();
        Assert.That(reading.Damaged, Is.Empty);
        return (TextCodec.Show(reading.InForce), TextCodec.Show(reading.Begun), reading.Term);
    }

    private static FileJournal Journal(MemoryFolder folder) => new(folder, new TextCodec(), TimeProvider.System);
}
