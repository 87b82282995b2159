using System.Net.Sockets;
using System.Text;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Linux.Tests.Systemd;

/// <summary>Against a socket such as systemd's, in a child process: whom to tell stands in the environment.</summary>
internal sealed class ServiceManagerTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TestCase("ready", "serving, generation 7", "READY=1\nSTATUS=serving, generation 7")]
    [TestCase("stopping", "finishing calls under way", "STOPPING=1\nSTATUS=finishing calls under way")]
    [TestCase("ready", "größer als 1 %", "READY=1\nSTATUS=größer als 1 %")]
    public void Notify_SystemdListens_IsToldInOneDatagram(string what, string status, string expected)
    {
        using var systemd = Listen(_directory["notify"]);
        Assert.That(Child.Run([$"NOTIFY_SOCKET={_directory["notify"]}"], what, status), Is.EqualTo("told"));

        var datagram = new byte[4096];
        var length = systemd.Receive(datagram);
        Assert.That(Encoding.UTF8.GetString(datagram, 0, length), Is.EqualTo(expected));
        Assert.That(systemd.Available, Is.Zero, "it was said once");
    }

    [Test]
    public void Notify_AbstractSocket_IsTold()
    {
        var name = $"cloudbr-test-{Guid.NewGuid():N}";
        using var systemd = Listen($"\0{name}");
        Assert.That(Child.Run([$"NOTIFY_SOCKET=@{name}"], "ready", "x"), Is.EqualTo("told"));

        var datagram = new byte[4096];
        Assert.That(Encoding.UTF8.GetString(datagram, 0, systemd.Receive(datagram)), Is.EqualTo("READY=1\nSTATUS=x"));
    }

    [Test]
    public void Notify_NoSystemd_DoesNothing() => Assert.That(Child.Run(["-u", "NOTIFY_SOCKET"], "ready", "x"), Is.EqualTo("told"));

    [Test]
    public void Notify_NobodyListens_SaysWhyAndDoesNotFail() => Assert.That(
        Child.Run([$"NOTIFY_SOCKET={_directory["gone"]}"], "ready", "x"), Is.EqualTo("sd_notify: No such file or directory"));

    [Test]
    public void Notify_SocketThatIsNone_SaysWhyAndDoesNotFail() =>
        Assert.That(Child.Run(["NOTIFY_SOCKET=relative"], "stopping", "x"), Does.StartWith("sd_notify: "));

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
