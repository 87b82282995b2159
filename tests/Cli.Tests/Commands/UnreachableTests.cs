using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Cli.Tests.Commands;

/// <summary>No agent: each reason in one line, what to do in another, exit code 3.</summary>
internal sealed class UnreachableTests : IDisposable
{
    private const string Hint = "\nIs it running? See: systemctl status cloudbr-agent, journalctl -u cloudbr-agent -n 50\n";

    private readonly TempDirectory _directory = new();

    private string Socket => _directory["agent.sock"];

    public void Dispose() => _directory.Dispose();

    [TestCase("status")]
    [TestCase("capabilities")]
    [TestCase("watch")]
    [TestCase("networks")]
    [TestCase("links")]
    [TestCase("check")]
    [TestCase("config")]
    public void NoSocket_SaysSo(string command) => Cloudbrctl.AssertFailed(
        Cloudbrctl.Run(command, "--socket", Socket), 3, $"cloudbrctl: no agent answers on {Socket}: there is no such socket{Hint}", lines: 2);

    [Test]
    public void SocketOfADeadAgent_SaysThatNobodyListens()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Socket));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("status", "--socket", Socket), 3, $"cloudbrctl: no agent answers on {Socket}: nobody listens there{Hint}", lines: 2);
    }

    [Test]
    public void PortWhereNobodyListens_SaysSo()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var where = taken.LocalEndPoint!.ToString()!;
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("status", "--insecure", where), 3, $"cloudbrctl: no agent answers on {where}: nobody listens there{Hint}", lines: 2);
    }

    [Test]
    public void PathThatNoSocketCanHave_SaysSo()
    {
        var path = $"/{new string('x', 200)}";
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("status", "--socket", path), 3, $"cloudbrctl: no agent answers on {path}: this is no path that a socket can have\n");
    }

    [TestCase("")]
    [TestCase("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [TestCase("\0\0\u0004\u0001\u0005\0\0\0\u0001garbage")]
    public void SomethingElseThatListens_IsNotTakenForAnAgent(string answer)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var answering = Task.Run(async () =>
        {
            using var caller = await other.AcceptSocketAsync();
            await caller.ReceiveAsync(new byte[1]);
            await caller.SendAsync(System.Text.Encoding.Latin1.GetBytes(answer));
        });
        var result = Cloudbrctl.Run("status", "--insecure", other.LocalEndpoint.ToString()!);
        Cloudbrctl.AssertFailed(result, 3, $"cloudbrctl: lost the agent on {other.LocalEndpoint}: ");
        Assert.That(answering.IsCompletedSuccessfully);
    }

    [Test]
    public async Task AgentThatHangs_IsGivenUp()
    {
        using var agent = await AgentProcess.StartAsync();
        agent.Send(Signal.Stop);
        try
        {
            Cloudbrctl.AssertFailed(Cloudbrctl.Run("status", "--socket", agent.Socket), 3, $"cloudbrctl: lost the agent on {agent.Socket}: ");
        }
        finally
        {
            agent.Send(Signal.Continue);
        }
    }
}
