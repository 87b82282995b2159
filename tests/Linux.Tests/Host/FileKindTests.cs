using System.Net.Sockets;
using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Linux.Tests.Host;

internal sealed class FileKindTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Of_EmptyFile_IsAFile() => Assert.That(FileKinds.Of(_directory.Write("f", "")), Is.EqualTo(FileKind.File));

    [Test]
    public void Of_Directory_IsADirectory() => Assert.That(FileKinds.Of(_directory.Path), Is.EqualTo(FileKind.Directory));

    [Test]
    public void Of_Nothing_IsMissing() => Assert.That(FileKinds.Of(_directory["nothing"]), Is.EqualTo(FileKind.Missing));

    [Test]
    public void Of_NameBelowAFile_IsMissing() =>
        Assert.That(FileKinds.Of(Path.Combine(_directory.Write("f", ""), "below")), Is.EqualTo(FileKind.Missing));

    [Test]
    public void Of_LinkToNothing_IsALink()
    {
        File.CreateSymbolicLink(_directory["link"], "nowhere");
        Assert.That(FileKinds.Of(_directory["link"]), Is.EqualTo(FileKind.Link));
    }

    [Test]
    public void Of_FifoThatNobodyWrites_IsOtherAndNotWaitedFor()
    {
        Command.Run("mkfifo", _directory["fifo"]);
        Assert.That(FileKinds.Of(_directory["fifo"]), Is.EqualTo(FileKind.Other));
    }

    [Test]
    public void Of_BoundSocket_IsASocket()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_directory["socket"]));
        Assert.That(FileKinds.Of(_directory["socket"]), Is.EqualTo(FileKind.Socket));
    }

    [Test]
    public void Of_NameThatCannotBe_SaysWhy() =>
        Assert.That(() => FileKinds.Of("/" + new string('x', 300)), Throws.InstanceOf<IOException>().With.Message.Contains("too long"));
}
