using System.Net;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Testing.Processes;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Who asks, as the dataplane is told.</summary>
internal sealed class CallerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>This process on a Unix socket.</summary>
    public static string Own { get; } = $"uid={Command.Run("id", "-u").Output.Trim()}";

    [Test]
    public async Task UnixSocket_IsTheUserWhoConnected()
    {
        await using var agent = await InProcessAgent.StartAsync();
        await agent.HostNetwork.ResyncAsync(new V1.ResyncRequest { Change = Samples.Change() });
        var options = agent.Dataplane.Asked.Single().Options;
        Assert.That((options.Caller, options.Method), Is.EqualTo((Own, "HostNetwork/Resync")));
    }

    [Test]
    public async Task InsecureTcp_IsTheAddress()
    {
        await using var agent = await InProcessAgent.StartAsync(o => o with { Insecure = new IPEndPoint(IPAddress.Loopback, 0) });
        using (var channel = GrpcChannel.ForAddress(agent.Urls.Single(u => u.Contains("127.0.0.1", StringComparison.Ordinal))))
        {
            await new V1.HostNetwork.HostNetworkClient(channel.CreateCallInvoker()).ResyncAsync(new V1.ResyncRequest { Change = Samples.Change() });
            Assert.That(agent.Connections.Current, Is.EqualTo(new Dictionary<string, int> { ["127.0.0.1"] = 1 }));
        }

        Assert.That(agent.Dataplane.Asked.Single().Options.Caller, Is.EqualTo("127.0.0.1"));
    }

    [Test]
    public async Task Connections_AreCountedAndMissed()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var (one, lost) = (new TaskCompletionSource(), new TaskCompletionSource());
        agent.Connections.Changed += identity =>
        {
            switch (agent.Connections[identity])
            {
                case { Open: 1, LostAt: null }:
                    one.TrySetResult();
                    break;
                case { Open: 0, LostAt: not null }:
                    lost.TrySetResult();
                    break;
            }
        };
        using (var first = new AgentConnection(agent.Socket))
        {
            await ResyncAsync(first, "1");
            await one.Task.WaitAsync(Limit);
            using var second = new AgentConnection(agent.Socket);
            await ResyncAsync(second, "2");
            Assert.That(agent.Connections[Own], Is.EqualTo(new Daemon.Connections.ConnectionTracker.Connections(2, null)));
            Assert.That(agent.Connections.LostFor(Own), Is.Null);
        }

        await lost.Task.WaitAsync(Limit);
        Assert.That(agent.Connections.Current, Is.Empty);
        Assert.That(agent.Connections.LostFor(Own), Is.Not.Null);
        Assert.That(agent.LostSince(Own), Is.Null, "cloudbrctl leaves, and nobody is cut off");
    }

    [TestCase("uid=0", true)]
    [TestCase("127.0.0.1", true)]
    [TestCase("::1", true)]
    [TestCase("192.0.2.7", false)]
    [TestCase("CN=uid=0", false)]
    [TestCase("CN=127.0.0.1", false)]
    [TestCase("", false)]
    public void WhoIsOnThisHost_CannotBeCutOffByItsNetwork(string identity, bool isHere) =>
        Assert.That(Daemon.Connections.Caller.IsOnThisHost(identity), Is.EqualTo(isHere));

    private static async Task ResyncAsync(AgentConnection connection, string id) =>
        await new V1.HostNetwork.HostNetworkClient(connection.Calls).ResyncAsync(new V1.ResyncRequest { Change = Samples.Change(id) });
}
