using Cloudbr.Agent.Linux.Files;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Linux.Tests.Files;

internal sealed class FolderTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Folder _folder;

    public FolderTests() => _folder = Folder.Open(_directory.Path);

    public void Dispose()
    {
        _folder.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Create_WriteSyncRead_GivesBackAllBytes()
    {
        var bytes = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7)).ToArray();
        using (var file = _folder.Create("f"))
        {
            file.Write(bytes.AsSpan(0, 100_000));
            file.Write(bytes.AsSpan(100_000));
            file.Sync();
        }

        _folder.Sync();
        Assert.That(_folder.Read("f"), Is.EqualTo(bytes));
        Assert.That(File.GetUnixFileMode(_directory["f"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Create_NameInUse_IsANewFileAndOtherNamesKeepTheOld()
    {
        _directory.Write("f", "old");
        Assert.That(_folder.Link("f", "kept"));
        Write("f", "new");
        Assert.That((Text("f"), Text("kept")), Is.EqualTo(("new", "old")));
    }

    [Test]
    public void Read_EmptyFile_IsNoBytesAndNothingIsNull()
    {
        _directory.Write("f", "");
        Assert.That(_folder.Read("f"), Is.Empty);
        Assert.That(_folder.Read("g"), Is.Null);
    }

    [Test]
    public void Rename_TakesThePlaceOfWhatWasThere()
    {
        Write("a", "1");
        Write("b", "2");
        Assert.That(_folder.Rename("a", "b"));
        Assert.That((Text("b"), _folder.Names()), Is.EqualTo(("1", new[] { "b" })));
    }

    [Test]
    public void NoSuchFile_IsToldAndNotThrown() =>
        Assert.That((_folder.Rename("a", "b"), _folder.Link("a", "b"), _folder.Remove("a")), Is.EqualTo((false, false, false)));

    [Test]
    public void Remove_TakesTheName()
    {
        Write("a", "1");
        Assert.That(_folder.Remove("a"));
        Assert.That(_folder.Names(), Is.Empty);
    }

    [Test]
    public void Read_Folder_SaysWhatItIs()
    {
        Directory.CreateDirectory(_directory["d"]);
        Assert.That(
            () => _folder.Read("d"),
            Throws.InstanceOf<FileException>().With.Message.EqualTo($"open {_directory["d"]}: EISDIR (Is a directory)"));
    }

    [Test]
    public void Read_Link_IsNotFollowed()
    {
        _directory.Write("f", "x");
        File.CreateSymbolicLink(_directory["l"], "f");
        Assert.That(() => _folder.Read("l"), Throws.InstanceOf<FileException>().With.Message.Contains("ELOOP"));
    }

    [Test]
    public void Read_FifoThatNobodyWrites_IsNotWaitedFor()
    {
        Command.Run("mkfifo", _directory["p"]);
        Assert.That(() => _folder.Read("p"), Throws.InstanceOf<FileException>());
    }

    [Test]
    public void Read_FileTooLargeForMemory_IsRefusedUnread()
    {
        using (var huge = File.Create(_directory["f"]))
        {
            huge.SetLength(1L << 40);
        }

        Assert.That(() => _folder.Read("f"), Throws.InstanceOf<FileException>().With.Message.Contains("EFBIG"));
    }

    [Test]
    public void Create_OverAFolder_SaysWhyNot()
    {
        Directory.CreateDirectory(_directory["d"]);
        Assert.That(() => _folder.Create("d"), Throws.InstanceOf<FileException>().With.Message.Contains("EISDIR"));
    }

    [Test]
    public void Open_MissingFolder_MakesItForItsOwner()
    {
        using var made = Folder.Open(_directory["new"]);
        Assert.That(
            File.GetUnixFileMode(_directory["new"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public void Open_FolderThatIsThere_KeepsItsMode()
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead;
        Directory.CreateDirectory(_directory["d"], Mode);
        using var folder = Folder.Open(_directory["d"]);
        Assert.That(File.GetUnixFileMode(_directory["d"]), Is.EqualTo(Mode));
    }

    [Test]
    public void Open_File_SaysWhyNot() => Assert.That(
        () => Folder.Open(_directory.Write("f", "")), Throws.InstanceOf<FileException>().With.Message.Contains("ENOTDIR (Not a directory)"));

    [Test]
    public void Open_BelowNothing_SaysWhyNot() => Assert.That(
        () => Folder.Open(_directory["a/b"]), Throws.InstanceOf<FileException>().With.Message.Contains("mkdir").And.Message.Contains("ENOENT"));

    [Test]
    public void Folder_Renamed_StaysTheSame()
    {
        using var folder = Folder.Open(_directory["d"]);
        Directory.Move(_directory["d"], _directory["e"]);
        using (var file = folder.Create("f"))
        {
            file.Write("x"u8);
        }

        Assert.That(File.ReadAllText(_directory["e/f"]), Is.EqualTo("x"));
    }

    [Test]
    public void Lock_HeldByAnother_IsToldAsThat()
    {
        using var other = Folder.Open(_directory.Path);
        using (_folder.Lock("lock"))
        {
            Assert.That(() => other.Lock("lock"), Throws.InstanceOf<FileException>().With.Property(nameof(FileException.IsLocked)).True);
        }

        using var held = other.Lock("lock");
        Assert.That(held, Is.Not.Null);
    }

    private void Write(string name, string text)
    {
        using var file = _folder.Create(name);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private string? Text(string name) => _folder.Read(name) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;
}
