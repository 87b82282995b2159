using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Benchmarks.Filtering;

/// <summary>
/// One port among few or many as management and libvirt meet it: the agent as a process of its own, over its Unix socket, with disk and
/// history. A changed rule from the call to its answer, beside the restores of the same text, and a device from its making to the
/// event that says that it is guarded.
/// </summary>
internal static class PortBench
{
    private const int Runs = 50;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>A changed rule, among so many ports.</summary>
    /// <param name="ports">How many there are.</param>
    /// <param name="restores">What iptables-restore alone takes for such a chain, in milliseconds.</param>
    public static Task<Row> ChangeAsync(int ports, IReadOnlyCollection<double> restores) => WithAgentAsync(ports, async (_, channel) => Row.Against(
        Name("one rule of one of {0} ports, over gRPC", ports), "ms", await ChangeAsync(new V1.HostNetwork.HostNetworkClient(channel), ports), "iptables-restore of that chain", restores));

    /// <summary>A device that comes, among so many ports.</summary>
    public static Task<Row> FollowAsync(int ports) => WithAgentAsync(ports, async (host, channel) => Row.Aim(
        Name("a device from its making to its event, {0} ports", ports), "ms", await FollowAsync(host, channel, ports), 50));

    private static async Task<Row> WithAgentAsync(int ports, Func<NetNamespace, GrpcChannel, Task<Row>> measure)
    {
        // The runtime's own threads begin with the first program that is read from: here, and not in a namespace that is to go again.
        Command.Run("true");
        using var underlay = new Underlay();
        using var files = new TempDirectory();
        using var agent = underlay.Host.Start([.. AgentProcess.CommandLine("run", "--socket", files["agent.sock"], "--state-dir", files["state"])]);
        await agent.WaitForLineAsync(" serves on ", Limit);
        using var channel = Connect(files["agent.sock"]);
        var network = new V1.HostNetwork.HostNetworkClient(channel);
        await network.ApplyAsync(
            new V1.ApplyRequest { Change = Options(), Config = HostConfigMapping.ToMessage(FoundByMac(FilteredHost.Config(ports)), ReplaceConfig.AllSections) },
            deadline: DateTime.UtcNow + Limit);

        return await measure(underlay.Host, channel);
    }

    private static string Name(string what, int ports) => string.Format(CultureInfo.InvariantCulture, what, ports);

    private static async Task<List<double>> ChangeAsync(V1.HostNetwork.HostNetworkClient network, int ports)
    {
        var times = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            var request = new V1.PrepareRequest { Change = Options(), Port = PortMapping.ToMessage(FilteredHost.WithRule(ports / 2, run) with { Device = "" }) };
            var watch = Stopwatch.StartNew();
            var answer = await network.PrepareAsync(request, deadline: DateTime.UtcNow + Limit);
            times.Add(watch.Elapsed.TotalMilliseconds);
            Expect(answer.Report.Outcome == V1.ChangeOutcome.Applied, $"{answer.Report}");
        }

        return times;
    }

    private static async Task<List<double>> FollowAsync(NetNamespace host, GrpcChannel channel, int ports)
    {
        var seen = new List<double>();
        using var guests = NetNamespace.Create();
        using var watching = new V1.Telemetry.TelemetryClient(channel).Watch(new V1.WatchRequest { Subscriptions = { new V1.Subscription { Topic = V1.Topic.Port } } });
        await watching.ResponseStream.MoveNext(CancellationToken.None);
        for (var run = 0; run < Math.Min(Runs, ports); run++)
        {
            var port = FilteredHost.Port((run * 17 % ports) + 1);
            var watch = Stopwatch.StartNew();
            host.Ip(string.Create(CultureInfo.InvariantCulture, $"link add name {port.Device} up address fe{port.Mac.ToString()[2..]} master {FilteredHost.Bridge} type veth peer name {port.Device} netns {guests.Path}"));
            while (await watching.ResponseStream.MoveNext(CancellationToken.None))
            {
                if (watching.ResponseStream.Current.Event.Port is { Realisation.Presence: V1.PortPresence.Attached } moved && moved.NicId == port.NicId)
                {
                    seen.Add(watch.Elapsed.TotalMilliseconds);
                    break;
                }
            }
        }

        return seen;
    }

    /// <summary>As libvirt's: rules for a device whose name is known are there before it is.</summary>
    private static HostConfig FoundByMac(HostConfig config) => config with
    {
        Ports = config.Ports.SetItems(config.Ports.Values.Select(p => KeyValuePair.Create(p.NicId, p with { Device = "" }))),
    };

    private static GrpcChannel Connect(string socket) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(connection, ownsSocket: true);
            },
        },
        DisposeHttpClient = true,
        MaxSendMessageSize = null,
        MaxReceiveMessageSize = null,
    });

    private static V1.ChangeOptions Options() => new() { RequestId = Guid.NewGuid().ToString() };

    private static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
