using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Linux.Files;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Journal;

/// <summary>Files that are not what was written.</summary>
internal sealed class DamageTests
{
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Test]
    public void EveryBitFlip_OfEveryFile_IsFound([Values("desired", "desired.previous", "desired.next", "term")] string name)
    {
        var whole = Sound().Files[name];
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertFound(name, flipped, $"bit {bit}");
        }
    }

    [Test]
    public void EveryTruncation_OfEveryFile_IsFound([Values("desired", "desired.previous", "desired.next", "term")] string name)
    {
        var whole = Sound().Files[name];
        for (var length = 0; length < whole.Length; length++)
        {
            AssertFound(name, whole[..length], $"length {length}");
        }

        AssertFound(name, [.. whole, (byte)'\n'], "one byte more");
        AssertFound(name, new byte[whole.Length], "zeros");
    }

    [Test]
    public void Desired_Damaged_PreviousIsInForceAndNeverOverwrittenByIt()
    {
        var folder = Sound();
        folder.Put("desired", "rubbish"u8.ToArray());
        var journal = Journal(folder);
        var reading = journal.Read();
        Assert.That((Show(reading.InForce), Show(reading.Begun), reading.Previous), Is.EqualTo(("1", "3", (object?)null)));
        Assert.That(reading.IsLost, Is.False);

        journal.Intend(TextCodec.Of(4));
        journal.Accept();
        reading = Journal(folder).Read();
        Assert.That((Show(reading.InForce), Show(reading.Previous)), Is.EqualTo(("4", "1")));
    }

    [Test]
    public void Damaged_IsToldWithPathPlaceAndWhatToDo()
    {
        var folder = Sound();
        folder.Put("desired", "rubbish"u8.ToArray());
        var failure = Journal(folder).Read().Damaged.Single();
        Assert.That(failure.Subject, Is.EqualTo(ObjectRef.File("/state/desired")));
        Assert.That((failure.Operation, failure.Reason), Is.EqualTo(("read", "JOURNAL_DAMAGED")));
        Assert.That(
            failure.Message,
            Is.EqualTo("/state/desired is damaged: it does not begin with \"cloudbr-generation\"; it was put aside as /state/desired.damaged-20260203T040506.0000000Z"));
        Assert.That(failure.Remedy, Does.Contain("desired.previous").And.Contain("send the whole configuration again"));
        Assert.That(Encoding.ASCII.GetString(folder.Files["desired.damaged-20260203T040506.0000000Z"]), Is.EqualTo("rubbish"));
    }

    [Test]
    public void AllDamaged_IsLost()
    {
        var folder = Sound();
        foreach (var name in new[] { "desired", "desired.next", "desired.previous", "term" })
        {
            folder.Put(name, []);
        }

        var reading = Journal(folder).Read();
        Assert.That((reading.IsLost, reading.Damaged.Count, reading.Term), Is.EqualTo((true, 4, 0ul)));
    }

    [Test]
    public void NewerFormat_IsToldAsThat()
    {
        var folder = Sound();
        var text = Encoding.ASCII.GetString(folder.Files["desired"]).Replace("cloudbr-generation 1 ", "cloudbr-generation 2 ", StringComparison.Ordinal);
        folder.Put("desired", Encoding.ASCII.GetBytes(text));
        var failure = Journal(folder).Read().Damaged.Single();
        Assert.That((failure.Reason, failure.Evidence), Is.EqualTo(("JOURNAL_TOO_NEW", "its format is 2, and this agent reads 1")));
        Assert.That(failure.Remedy, Does.Contain("install the newer one again, and rename desired.damaged-20260203T040506.0000000Z back to desired"));
    }

    [Test]
    public void WholeFile_ThatTheCodecCannotRead_IsPutAside()
    {
        var folder = Sound();
        folder.Put("desired", [.. Frame.Line(Frame.Generation, "what"u8), .. "what"u8]);
        Assert.That(Journal(folder).Read().Damaged.Single().Evidence, Is.EqualTo("it is no generation"));
    }

    [TestCase("99999999999999999999\n")]
    [TestCase("-1\n")]
    [TestCase("7")]
    [TestCase("")]
    public void Term_ThatIsNoNumber_IsPutAside(string text)
    {
        var folder = Sound();
        var payload = Encoding.ASCII.GetBytes(text);
        folder.Put("term", [.. Frame.Line(Frame.Term, payload), .. payload]);
        Assert.That(Journal(folder).Read().Damaged, Has.Count.EqualTo(1));
    }

    [Test]
    public void Term_Lost_IsNoLowerThanThatOfAnyGeneration()
    {
        var folder = new MemoryFolder();
        var journal = Journal(folder);
        journal.Read();
        journal.Intend(TextCodec.Of(1, term: 8));
        journal.Accept();
        journal.KeepTerm(9);
        folder.Put("term", []);
        Assert.That(Journal(folder).Read().Term, Is.EqualTo(8));
    }

    [Test]
    public void PutAside_KeepsTheNewestFive()
    {
        var folder = new MemoryFolder();
        for (var i = 0; i < 8; i++)
        {
            folder.Put(i % 2 == 0 ? "desired" : "term", Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
            new FileJournal(folder, new TextCodec(), new FixedTime(Now.AddMinutes(i))).Read();
        }

        Assert.That(
            folder.Files.OrderBy(f => Encoding.ASCII.GetString(f.Value)).Select(f => f.Key[..f.Key.IndexOf('.', StringComparison.Ordinal)]),
            Is.EqualTo(new[] { "term", "desired", "term", "desired", "term" }));
        Assert.That(folder.Files.Values.Select(Encoding.ASCII.GetString).Order(), Is.EqualTo(new[] { "3", "4", "5", "6", "7" }));
    }

    [Test]
    public void PutAside_AtTheSameInstant_KeepsBoth()
    {
        var folder = new MemoryFolder();
        foreach (var text in new[] { "a", "b" })
        {
            folder.Put("desired", Encoding.ASCII.GetBytes(text));
            Journal(folder).Read();
        }

        Assert.That(folder.Files.Values.Select(Encoding.ASCII.GetString).Order(), Is.EqualTo(new[] { "a", "b" }));
    }

    [TestCase(13, "EACCES (Permission denied)")]
    [TestCase(5, "EIO (Input/output error)")]
    public void Read_FileThatCannotBeOpened_IsLeftAloneWithAllOthersAndTold(int number, string words)
    {
        var folder = Sound();
        folder.Put("desired", "rubbish"u8.ToArray());
        var before = folder.Files;
        folder.Fails = (operation, name) => (operation, name) == ("read", "desired.previous") ? number : null;
        var failure = Assert.Throws<JournalException>(() => Journal(folder).Read())!.Failure;
        Assert.That(failure.Subject, Is.EqualTo(ObjectRef.File("/state/desired.previous")));
        Assert.That(failure.Message, Does.Contain("/state/desired.previous").And.Contain(words));
        Assert.That((failure.Kind, failure.Reason), Is.EqualTo((FailureKind.FailedPrecondition, "STATE_NOT_READABLE")));
        Assert.That(folder.Files, Is.EqualTo(before));
    }

    [Test]
    public void Read_RemovesWhatWasLeftHalfWritten()
    {
        var folder = Sound();
        var sound = folder.Files.Keys.Order().ToList();
        folder.Put("desired.next.tmp", "half"u8.ToArray());
        folder.Put("term.old.tmp", "old"u8.ToArray());
        Journal(folder).Read();
        Assert.That(folder.Files.Keys.Order(), Is.EqualTo(sound));
    }

    [Test]
    public void Read_OfADiskThatTakesNothing_LeavesWhatWasLeftHalfWritten()
    {
        var folder = Sound();
        folder.Put("desired.next.tmp", "half"u8.ToArray());
        folder.Fails = (operation, _) => operation == "unlink" ? 30 : null;
        Assert.That(Show(Journal(folder).Read().InForce), Is.EqualTo("2"));
    }

    [Test]
    public void Frame_CanBeReadByAPerson() => Assert.That(
        Encoding.ASCII.GetString(Sound().Files["term"]),
        Is.EqualTo("cloudbr-term 1 2 10159baf262b43a92d95db59dae1f72c645127301661e0a3ce4e38b295a97c58\n7\n"));

    /// <summary>1 was in force before 2, 3 is begun.</summary>
    private static MemoryFolder Sound()
    {
        var folder = new MemoryFolder();
        var journal = Journal(folder);
        journal.Read();
        journal.Intend(TextCodec.Of(1));
        journal.Accept();
        journal.Intend(TextCodec.Of(2));
        journal.Accept();
        journal.KeepTerm(7);
        journal.Intend(TextCodec.Of(3));
        return folder.AfterCrash();
    }

    private static void AssertFound(string name, byte[] bytes, string how)
    {
        var folder = Sound();
        folder.Put(name, bytes);
        var reading = Journal(folder).Read();
        if (reading.Damaged.Count != 1 || reading.Damaged[0].Subject.Name != $"/state/{name}" || folder.Files.ContainsKey(name))
        {
            Assert.Fail($"{name}, {how}: not found to be damaged");
        }

        var expected = (name == "desired" ? "1" : "2", name == "desired.next" ? null : "3", name is "desired" or "desired.previous" ? null : "1");
        if ((Show(reading.InForce), Show(reading.Begun), Show(reading.Previous)) != expected)
        {
            Assert.Fail($"{name}, {how}: {Show(reading.InForce)}, begun {Show(reading.Begun)}, previous {Show(reading.Previous)}");
        }
    }

    private static FileJournal Journal(IFolder folder) => new(folder, new TextCodec(), new FixedTime(Now));

    private static string? Show(Core.Model.Generations.Generation? generation) => TextCodec.Show(generation);

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
