using System.Net.Sockets;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Daemon.Tests.Life;

/// <summary>What the agent does with what lies where its socket is to be.</summary>
internal sealed class SocketTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Path => _directory["agent.sock"];

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Socket_IsOpenToOwnerAndGroupOnly()
    {
        using var agent = await AgentProcess.StartOnAsync(Path);
        Assert.That(Convert.ToString((int)File.GetUnixFileMode(Path), 8), Is.EqualTo("660"));
    }

    [Test]
    public async Task Socket_IsTheOnlyWayIn_WhateverTheEnvironmentSays()
    {
        _directory.Write("appsettings.json", """{"Kestrel":{"Endpoints":{"Trap":{"Url":"http://127.0.0.1:0"}}},"urls":"http://127.0.0.1:0"}""");
        using var agent = await AgentProcess.StartWithAsync(
            [$"--chdir={_directory.Path}", "ASPNETCORE_URLS=http://127.0.0.1:0", "ASPNETCORE_HTTP_PORTS=0", "DOTNET_URLS=http://127.0.0.1:0"], Path);
        Assert.That(agent.ServingLine, Does.Contain($" serves on http://unix:{Path}; run "));
    }

    [Test]
    public async Task Directory_ThatIsMissing_IsMade()
    {
        using var agent = await AgentProcess.StartOnAsync(_directory["a/b/agent.sock"]);
        Assert.That(await agent.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Connections_BeyondThoseThatAnybodyNeeds_AreClosedAtOnce()
    {
        using var agent = await AgentProcess.StartOnAsync(Path);
        var held = Enumerable.Range(0, 4096).Select(_ => Connect(Path)).ToList();
        using var tooMany = Connect(Path);

        using var limit = new CancellationTokenSource(AgentProcess.Limit);
        Assert.That(await tooMany.ReceiveAsync(new byte[1], limit.Token), Is.Zero, "the end of the stream");
        held.ForEach(s => s.Dispose());
    }

    [Test]
    public async Task Stop_RemovesTheSocket()
    {
        using var agent = await AgentProcess.StartOnAsync(Path);
        Assert.That(await agent.StopAsync(), Is.Zero);
        Assert.That(Directory.EnumerateFileSystemEntries(_directory.Path), Is.EqualTo([_directory["state"]]), "only what it keeps");
    }

    [Test]
    public async Task Start_AfterSigkill_ReplacesTheSocketThatWasLeft()
    {
        using (var killed = await AgentProcess.StartOnAsync(Path))
        {
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        Assert.That(File.Exists(Path), "SIGKILL leaves it");
        using var agent = await AgentProcess.StartOnAsync(Path);
        Assert.That(await agent.StopAsync(), Is.Zero);
        Assert.That(File.Exists(Path), Is.False);
    }

    [Test]
    public async Task Start_WhereAnAgentLives_IsRefusedAndTheOtherLivesOn()
    {
        using var first = await AgentProcess.StartOnAsync(Path);
        AssertRefused($"another program listens on {Path} already", _directory["other-state"]);
        Assert.That(Directory.Exists(_directory["other-state"]), Is.False, "it did not even begin");
        using var connection = Connect(Path);
    }

    [Test]
    public async Task Start_OnTheStateOfAnAgentThatLives_IsRefusedAndTheOtherLivesOn()
    {
        using var first = await AgentProcess.StartOnAsync(_directory["first.sock"]);
        AssertRefused($"another agent works with {_directory["state"]}");
        Assert.That(File.Exists(Path), Is.False);
        using var connection = Connect(_directory["first.sock"]);
    }

    [Test]
    public async Task Start_WhereAnAgentHangs_IsRefusedWithoutWaitingForIt()
    {
        using var first = await AgentProcess.StartOnAsync(Path);
        first.Send(Signal.Stop);
        try
        {
            // A full queue makes the next who connects wait.
            var waiting = new List<Socket>();
            while (TryConnect(waiting))
            {
            }

            AssertRefused($"another program listens on {Path} already");
            waiting.ForEach(s => s.Dispose());
        }
        finally
        {
            first.Send(Signal.Continue);
        }
    }

    [TestCase("")]
    [TestCase("precious")]
    public void Start_WhereAFileLies_IsRefusedAndTheFileIsIntact(string content)
    {
        _directory.Write("agent.sock", content);
        AssertRefused($"{Path} is a file, not a socket");
        Assert.That(File.ReadAllText(Path), Is.EqualTo(content));
    }

    [Test]
    public void Start_WhereADirectoryLies_IsRefused()
    {
        Directory.CreateDirectory(Path);
        AssertRefused($"{Path} is a directory, not a socket");
        Assert.That(Directory.Exists(Path));
    }

    [TestCase("target", true)]
    [TestCase("nowhere", false)]
    public void Start_WhereALinkLies_IsRefusedAndNeitherIsTouched(string target, bool exists)
    {
        _directory.Write("target", "precious");
        File.CreateSymbolicLink(Path, _directory[target]);
        AssertRefused($"{Path} is a symbolic link, not a socket");
        Assert.That(new FileInfo(Path).LinkTarget, Is.EqualTo(_directory[target]));
        Assert.That(File.Exists(_directory[target]), Is.EqualTo(exists));
    }

    [Test]
    public void Start_WhereAPipeLies_IsRefusedWithoutWaitingForIt()
    {
        Command.Run("mkfifo", Path);
        AssertRefused($"{Path} is a device or a pipe, not a socket");
    }

    [Test]
    public void Start_WhereADatagramSocketLives_IsRefused()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Path));
        AssertRefused($"the socket {Path} cannot be looked at: ");
        Assert.That(File.Exists(Path));
    }

    private void AssertRefused(string words, string? state = null)
    {
        var result = Command.TryRun(AgentProcess.CommandLine("run", "--socket", Path, "--state-dir", state ?? _directory["state"]));
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString);
        Assert.That(result.Error, Does.StartWith($"cloudbr-agent cannot start: {words}"));
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private bool TryConnect(List<Socket> connected)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path));
            connected.Add(socket);
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }
}
