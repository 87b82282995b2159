using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Linux.Tests.Process;

internal sealed class ToolPathTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Find_InTwoDirectories_IsTheFirst()
    {
        Directory.CreateDirectory(_directory["a"]);
        Directory.CreateDirectory(_directory["b"]);
        Program("a/tool");
        Program("b/tool");
        Assert.That(ToolPath.Find("tool", $"{_directory["b"]}:{_directory["a"]}"), Is.EqualTo(_directory["b/tool"]));
    }

    [Test]
    public void Find_NotExecutable_IsPassedOver()
    {
        _directory.Write("cloudbr-tool", "");
        Assert.That(ToolPath.Find("cloudbr-tool", _directory.Path), Is.Null);
    }

    [Test]
    public void Find_Directory_IsPassedOver()
    {
        Directory.CreateDirectory(_directory["cloudbr-tool"]);
        Assert.That(ToolPath.Find("cloudbr-tool", _directory.Path), Is.Null);
    }

    // A shell without the administrator's directories is no reason to call a tool missing.
    [TestCase("")]
    [TestCase("/nowhere")]
    public void Find_PathWithoutSystemDirectories_FindsSystemToolsAllTheSame(string searchPath) =>
        Assert.That(ToolPath.Find("sh", searchPath), Does.EndWith("/bin/sh"));

    [Test]
    public void Find_RelativePath_IsRefused() => Assert.That(() => ToolPath.Find("./tool"), Throws.ArgumentException);

    [Test]
    public void Find_AbsolutePath_IsThatFileOrNothing()
    {
        Program("tool");
        Assert.That(ToolPath.Find(_directory["tool"]), Is.EqualTo(_directory["tool"]));
        Assert.That(ToolPath.Find(_directory["other"]), Is.Null);
    }

    private void Program(string name) =>
        File.SetUnixFileMode(_directory.Write(name, "#!/bin/sh\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
}
