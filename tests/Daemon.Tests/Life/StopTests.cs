using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;
using Cloudbr.Agent.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Daemon.Tests.Life;

/// <summary>How the agent stops while others talk to it.</summary>
internal sealed class StopTests
{
    [TestCase(Signal.Terminate)]
    [TestCase(Signal.Interrupt)]
    public async Task Stop_BySignal_ExitsZeroAndSaysSo(Signal signal)
    {
        using var agent = await AgentProcess.StartAsync();
        agent.Send(signal);
        Assert.That(await agent.WaitForExitAsync(), Is.Zero);
        var lines = await agent.ReadToEndAsync();
        Assert.That(lines, Has.Count.EqualTo(2).And.One.Contains("cloudbr-agent is stopping").And.One.Contains("cloudbr-agent has stopped"));
    }

    [Test]
    public async Task Stop_WhileWatched_EndsTheStreamWithWordsAndExitsZero()
    {
        using var agent = await AgentProcess.StartAsync();
        using var connection = new AgentConnection(agent.Socket);
        using var call = new V1.Telemetry.TelemetryClient(connection.Calls).Watch(new WatchRequest());
        Assert.That(await call.ResponseStream.MoveNext());

        agent.Send(Signal.Terminate);
        var refused = await Refused.ByAsync(async () =>
        {
            await foreach (var _ in call.ResponseStream.ReadAllAsync())
            {
            }
        });
        Assert.That(refused.Code, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(refused.Words, Does.StartWith("the agent is stopping"));
        Assert.That(refused.Info.Reason, Is.EqualTo("AGENT_STOPPING"));
        Assert.That(await agent.WaitForExitAsync(), Is.Zero);
    }

    [Test]
    public async Task Stop_WhileHealthIsWatched_SaysNotServing()
    {
        using var agent = await AgentProcess.StartAsync();
        using var connection = new AgentConnection(agent.Socket);
        using var call = new Health.HealthClient(connection.Calls).Watch(new HealthCheckRequest());
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(call.ResponseStream.Current.Status, Is.EqualTo(ServingStatus.Serving));

        agent.Send(Signal.Terminate);
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(call.ResponseStream.Current.Status, Is.EqualTo(ServingStatus.NotServing));
        Assert.That(await agent.WaitForExitAsync(), Is.Zero);
    }

    [Test]
    public async Task Stop_WhileATunnelOfQuestionsIsOpen_EndsItWithWords()
    {
        using var agent = await AgentProcess.StartAsync();
        using var connection = new AgentConnection(agent.Socket);
        using var call = new ServerReflection.ServerReflectionClient(connection.Calls).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.That(await call.ResponseStream.MoveNext());

        agent.Send(Signal.Terminate);
        var refused = await Refused.ByAsync(() => call.ResponseStream.MoveNext());
        Assert.That(refused.Info.Reason, Is.EqualTo("AGENT_STOPPING"));
        Assert.That(await agent.WaitForExitAsync(), Is.Zero);
        Assert.That(await agent.ReadToEndAsync(), Has.None.Contains("fail:").And.None.Contains("Exception"));
    }

    [Test]
    public async Task Stop_WhileARequestNeverEnds_ExitsZeroAllTheSame()
    {
        using var agent = await AgentProcess.StartAsync();
        using var client = new HttpMessageInvoker(AgentConnection.Handler(agent.Socket));
        var arrived = new TaskCompletionSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost/cloudbr.agent.v1.HostNetwork/Apply")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new EndlessContent(arrived),
        };
        var answer = client.SendAsync(request, CancellationToken.None);
        await arrived.Task;

        Assert.That(await agent.StopAsync(), Is.Zero);

        // A status, or a connection that is gone: it ends.
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [Test]
    public async Task Stop_SystemdCannotBeTold_StreamsEndAndTheLogSaysWhy()
    {
        using var directory = new TempDirectory();
        using var agent = await AgentProcess.StartWithAsync([$"NOTIFY_SOCKET={directory["gone"]}"], directory["agent.sock"]);
        using var connection = new AgentConnection(agent.Socket);
        using var call = new V1.Telemetry.TelemetryClient(connection.Calls).Watch(new WatchRequest());
        Assert.That(await call.ResponseStream.MoveNext());

        Assert.That(await agent.StopAsync(), Is.Zero);
        Assert.That(await agent.ReadToEndAsync(), Has.Exactly(2).Contains("could not be told how it is: sd_notify: No such file or directory"));
    }

    /// <summary>The beginning of a message whose rest never comes.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _begun;

        public EndlessContent(TaskCompletionSource begun)
        {
            _begun = begun;
            Headers.ContentType = new("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync((byte[])[0, 0, 0, 1, 0, 1]);
            await stream.FlushAsync();
            _begun.SetResult();
            await Task.Delay(Timeout.Infinite);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
