using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>
/// A client that does not keep to the rules gets a clear answer, and harms nobody else: after each test the same server
/// process answers an ordinary call on a connection that was there all along.
/// </summary>
internal abstract class HostileTests
{
    private RunningServer _server = null!;
    private RawClient _bystander = null!;

    protected ServerAddress Server => _server.Address;

    protected long ServerMemory => _server.Memory;

    protected RawClient Raw { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Its own server: what these tests provoke shall not fall on the others.
        _server = await Servers.StartAsync(ServerKind.Ours, Transport.Tcp);
        _bystander = new RawClient(Server);
        Raw = new RawClient(Server);
        await AssertEmptyUnaryAsync();
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        Raw?.Dispose();
        _bystander?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [TearDown]
    public async Task ServerStillAnswersAsync()
    {
        Assert.That(_server.HasExited, Is.False, _server.Errors);
        await AssertEmptyUnaryAsync();
        Assert.That(_server.Errors, Is.Empty, "what bad clients do is no warning or error in the server's log");
    }

    protected async Task AssertEmptyUnaryAsync()
    {
        var answer = await _bystander.SendAsync(RawClient.EmptyCall, RawClient.Frame([]));
        answer.AssertStatus(StatusCode.OK);
        Assert.That(answer.Body, Is.EqualTo(RawClient.Frame([])));
    }
}
