using System.Net.Sockets;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.V1;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Hostile;

/// <summary>
/// Clients that send nonsense, too much, or leave in the middle: each gets a clear status, and the agent answers others as
/// before, on a connection that was there all along. (tests/Interop does the same below the messages.)
/// </summary>
[FixtureLifeCycle(LifeCycle.SingleInstance)]
internal sealed class HostileClientTests
{
    private const int MaxReceive = 4 * 1024 * 1024;

    private AgentProcess _agent = null!;
    private AgentConnection _bystander = null!;

    private static IEnumerable<string> Methods => Contract.Methods.Select(Contract.NameOf);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _agent = await AgentProcess.StartAsync();
        _bystander = new AgentConnection(_agent.Socket);
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        _bystander?.Dispose();
        if (_agent is not null)
        {
            Assert.That(await _agent.StopAsync(), Is.Zero);
            Assert.That(
                await _agent.ReadToEndAsync(),
                Has.None.Contains("fail:").And.None.Contains("crit:").And.None.Contains("warn:"),
                "what bad clients do is no warning and no error to operators");
            _agent.Dispose();
        }
    }

    [TearDown]
    public async Task AgentStillAnswersAsync() => Assert.That(
        (await new HostNetwork.HostNetworkClient(_bystander.Calls).GetCapabilitiesAsync(new GetCapabilitiesRequest())).Capabilities, Is.Not.Null);

    [TestCaseSource(nameof(Methods))]
    public void EveryMethod_BytesThatAreNoMessage_IsAClearStatus(string method)
    {
        foreach (var bytes in new byte[][] { [0xff], [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], [.. Enumerable.Repeat((byte)0x0b, 1000)] })
        {
            Assert.That(() => CallAsync(method, bytes), Refused(StatusCode.Internal));
        }
    }

    [Test]
    public void Apply_MoreThanTheLimit_IsResourceExhausted() =>
        Assert.That(() => CallAsync("cloudbr.agent.v1.HostNetwork/Apply", new byte[MaxReceive + 1]), Refused(StatusCode.ResourceExhausted));

    [Test]
    public void Apply_AsMuchAsTheLimit_IsRead()
    {
        // One unknown field that fills the message: read to its end, and refused for what it says.
        byte[] header = [0xfa, 0xff, 0xff, 0xff, 0x0f];
        var length = MaxReceive - header.Length - 4;
        byte[] request =
        [
            .. header, (byte)(length | 0x80), (byte)((length >> 7) | 0x80), (byte)((length >> 14) | 0x80), (byte)(length >> 21), .. new byte[length],
        ];
        Assert.That(() => CallAsync("cloudbr.agent.v1.HostNetwork/Apply", request), Refused(StatusCode.InvalidArgument));
    }

    [Test]
    public void Apply_NestedWithoutEnd_IsAClearStatus()
    {
        // Groups within groups: what recursion without a limit would die of.
        var nested = Enumerable.Repeat((byte)0x0b, 1_000_000).ToArray();
        Assert.That(() => CallAsync("cloudbr.agent.v1.HostNetwork/Apply", nested), Refused(StatusCode.Internal));
    }

    [Test]
    public async Task Watch_ClientsThatVanish_AreNoTrouble()
    {
        for (var i = 0; i < 50; i++)
        {
            using var connection = new AgentConnection(_agent.Socket);
            var call = new V1.Telemetry.TelemetryClient(connection.Calls).Watch(new WatchRequest());
            Assert.That(await call.ResponseStream.MoveNext());

            // The connection goes, the call was never ended.
        }
    }

    [TestCase("")]
    [TestCase("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [TestCase("PRI * HT")]
    [TestCase("GET / HTTP/1.1\r\n\r\n")]
    [TestCase("\u0016\u0003\u0001\u0002\0\u0001")]
    public void Connections_AThousandOpenedAndDropped_AreNoTrouble(string said)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(said);
        Parallel.For(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            // Blocking: with a full queue the kernel lets only such a caller wait.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(_agent.Socket));
            try
            {
                socket.Send(bytes);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.Shutdown or SocketError.ConnectionReset)
            {
                // It was hung up on: just as well.
            }
        });
    }

    [Test]
    public async Task Connections_AThousandHeldOpen_LeaveRoomForOthers()
    {
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                held.Add(socket);
                socket.Connect(new UnixDomainSocketEndPoint(_agent.Socket));
            }

            using var newcomer = new AgentConnection(_agent.Socket);
            Assert.That(await new HostNetwork.HostNetworkClient(newcomer.Calls).GetCapabilitiesAsync(new GetCapabilitiesRequest()), Is.Not.Null);
        }
        finally
        {
            held.ForEach(s => s.Dispose());
        }
    }

    private static NUnit.Framework.Constraints.EqualConstraint<StatusCode> Refused(StatusCode code) =>
        Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(code);

    private async Task CallAsync(string method, byte[] request)
    {
        using var connection = new AgentConnection(_agent.Socket);
        await Contract.CallAsync(connection.Calls, Contract.Method(method), request);
    }
}
