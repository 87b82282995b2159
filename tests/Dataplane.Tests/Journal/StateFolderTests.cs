using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Dataplane.Tests.Journal;

/// <summary>The journal in a folder of this machine.</summary>
internal sealed class StateFolderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string State => _directory["state"];

    public void Dispose() => _directory.Dispose();

    [Test]
    public void NewFolder_HasNothingAndNothingDamaged()
    {
        using var journal = Open();
        var reading = journal.Read();
        Assert.That(reading.Damaged, Is.Empty);
        Assert.That((reading.InForce, reading.Begun, reading.Previous, reading.Term, reading.IsLost), Is.EqualTo(((object?)null, (object?)null, (object?)null, 0ul, false)));
    }

    [Test]
    public void AllThatWasKept_IsFoundByTheNextLife()
    {
        using (var journal = Open())
        {
            journal.Read();
            journal.Intend(TextCodec.Of(1));
            journal.Accept();
            journal.Intend(TextCodec.Of(2));
            journal.Accept();
            journal.KeepTerm(7);
            journal.Intend(TextCodec.Of(3));
        }

        using var next = Open();
        var reading = next.Read();
        Assert.That(
            (TextCodec.Show(reading.InForce), TextCodec.Show(reading.Begun), TextCodec.Show(reading.Previous), reading.Term),
            Is.EqualTo(("2", "3", "1", 7ul)));
        next.Accept();
        Assert.That(TextCodec.Show(Reread(next).InForce), Is.EqualTo("3"));
    }

    [Test]
    public void Files_AreForTheirOwnerAlone()
    {
        using var journal = Open();
        journal.Read();
        journal.Intend(TextCodec.Of(1));
        journal.Accept();
        journal.KeepTerm(7);
        foreach (var file in Directory.EnumerateFiles(State))
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }

        Assert.That(Directory.EnumerateFiles(State).Select(Path.GetFileName), Is.EquivalentTo(new[] { "desired", "term", "lock" }));
    }

    [Test]
    public void SecondAgent_IsToldWhoHasTheFolder()
    {
        using (Open())
        {
            var failure = Assert.Throws<JournalException>(() => Open())!.Failure;
            Assert.That((failure.Reason, failure.Subject), Is.EqualTo(("STATE_IN_USE", ObjectRef.File($"{State}/lock"))));
            Assert.That(failure.Remedy, Does.Contain($"fuser -v {State}/lock"));
        }

        using var next = Open();
        Assert.That(next.Read().IsLost, Is.False);
    }

    [Test]
    public void FolderThatCannotBeMade_IsToldWithTheKernelsWords()
    {
        var path = Path.Combine(_directory.Write("file", ""), "state");
        var failure = Assert.Throws<JournalException>(() => new FileJournal(path, new TextCodec(), TimeProvider.System))!.Failure;
        Assert.That(failure.Reason, Is.EqualTo("STATE_NOT_WRITABLE"));
        Assert.That(failure.Message, Does.Contain(path).And.Contain("ENOTDIR (Not a directory)"));
    }

    [Test]
    public void FolderInTheFilesPlace_IsNotDamagedAndNotMoved()
    {
        Directory.CreateDirectory(Path.Combine(State, "desired"));
        using var journal = Open();
        var failure = Assert.Throws<JournalException>(() => journal.Read())!.Failure;
        Assert.That((failure.Reason, failure.Subject), Is.EqualTo(("STATE_NOT_READABLE", ObjectRef.File($"{State}/desired"))));
        Assert.That(failure.Message, Does.Contain("EISDIR (Is a directory)"));
        Assert.That(Directory.Exists(Path.Combine(State, "desired")));
    }

    private static JournalReading Reread(FileJournal journal) => journal.Read();

    private FileJournal Open() => new(State, new TextCodec(), TimeProvider.System);
}
