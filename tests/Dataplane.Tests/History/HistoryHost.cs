using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>A host's folder for the history, what runs there, and the operator who reads it with git.</summary>
internal sealed class HistoryHost : IGitHistoryObserver, IHistoryFormat, IDisposable
{
    public static readonly TimeSpan Plenty = TimeSpan.FromSeconds(60);

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempDirectory _directory = new();

    public string Path => _directory["history"];

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public TempDirectory Outside => _directory;

    /// <summary>What an observer was told, in order.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    /// <summary>What was run, in order.</summary>
    public ConcurrentQueue<ToolCall> Calls { get; } = new();

    /// <summary>Stands before every program: may wait, fail, or answer in its place.</summary>
    public Func<ToolCall, CancellationToken, Task<ToolResult?>>? Instead { get; set; }

    public GitHistory Start(int kept = 1000, TimeSpan? drainTime = null) =>
        new(Path, kept, "kvm-01", this, this, TimeProvider.System, RunAsync, drainTime ?? Plenty);

    /// <summary>The git subcommand that a call runs.</summary>
    public static string Subcommand(ToolCall call) => Commands.First(call.Arguments.Contains);

    /// <summary>Writes these, and ends.</summary>
    public void Live(params IReadOnlyList<Generation> generations)
    {
        using var history = Start();
        Write(history, generations);
    }

    public static void Write(GitHistory history, params IReadOnlyList<Generation> generations)
    {
        foreach (var generation in generations)
        {
            history.Keep(generation);
        }

        Settle(history);
    }

    public static void Settle(GitHistory history) => Assert.That(history.WaitUntilIdle(Plenty), "the history came to rest");

    /// <summary>What git says to an operator, without the last line's end.</summary>
    public string Git(params IReadOnlyList<string> arguments) => Command.Run(["git", "-C", Path, .. Operator, .. arguments]).Output.TrimEnd('\n');

    public string[] Lines(params IReadOnlyList<string> arguments) => Git(arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string Log(string format) => Git("log", "-1", $"--format={format}");

    /// <summary>The generations by the commits' trailers, the newest first.</summary>
    public string[] Generations => Lines("log", "--format=%(trailers:key=Generation,valueonly,separator=%x2C)");

    public static Generation Generation(ulong number, HostConfig? config = null) => new()
    {
        Entry = new HistoryEntry
        {
            Generation = number,
            AcceptedAt = Noon.AddMinutes(number),
            Caller = "CN=mgmt-1",
            RequestId = $"request-{number}",
            Term = 7,
            Method = "HostNetwork/Apply",
            Summary = $"change {number}",
        },
        Config = config ?? HostConfig.Empty,
    };

    public static HostConfig Config(params IReadOnlyList<Network> networks) => new()
    {
        Networks = networks.ToImmutableDictionary(n => n.Id, StringComparer.Ordinal),
    };

    public static Network Network(string id, int vid = 100) => new() { Id = id, PhysicalNetwork = "cloudbr0", Isolation = new VlanIsolation(vid) };

    public static PhysicalNetwork Physical(string label) => new() { Label = label, TrafficTypes = [TrafficType.Guest] };

    public void Dispose() => _directory.Dispose();

    void IGitHistoryObserver.HistoryOff(string reason) => Told.Enqueue($"off: {reason}");

    void IGitHistoryObserver.HistoryOn() => Told.Enqueue("on");

    void IGitHistoryObserver.HistoryTouched(string what) => Told.Enqueue($"touched: {what}");

    void IGitHistoryObserver.HistoryUntidy(string what) => Told.Enqueue($"untidy: {what}");

    string IHistoryFormat.Text(PhysicalNetwork physical) => $"label {physical.Label}\n";

    string IHistoryFormat.Text(Network network) => $"network {network.Id} {(network.Isolation as VlanIsolation)?.Vid}\n";

    string IHistoryFormat.Text(Port port) => $"port {port.NicId} {port.Device}\n";

    string IHistoryFormat.Text(AddressGroup group) => $"group {group.Name} {group.Members}\n";

    string IHistoryFormat.Text(HostAccess access) => $"{access}\n";

    string IHistoryFormat.Text(ControlNetwork control) => $"{control}\n";

    string IHistoryFormat.Text(HostSettings settings) => $"{settings}\n";

    string IHistoryFormat.Text(ValueList<ProviderSetting> providers) => $"{providers}\n";

    string IHistoryFormat.Text(DriftPolicy drift) => $"{drift}\n";

    string IHistoryFormat.Text(HistoryEntry entry) => string.Create(CultureInfo.InvariantCulture, $"generation {entry.Generation} {entry.Confirmation}\n");

    private static readonly string[] Commands = ["version", "rev-parse", "show-ref", "rev-list", "fast-import", "read-tree", "gc", "fsck", "count-objects"];

    /// <summary>Who works in the folder has a name, and trusts it.</summary>
    private static readonly string[] Operator = ["-c", "safe.directory=*", "-c", "user.name=Olga", "-c", "user.email=olga@example.org"];

    private async Task<ToolResult> RunAsync(ToolCall call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Calls.Enqueue(call);
        return (Instead is { } instead ? await instead(call, cancellationToken) : null) ?? await Tool.RunAsync(call, timeout, cancellationToken);
    }
}
