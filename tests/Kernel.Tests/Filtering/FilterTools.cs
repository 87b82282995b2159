using System.Collections.Concurrent;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>The host's own packet filter tools, run inside a namespace.</summary>
internal sealed class FilterTools
{
    private readonly ConcurrentQueue<string> _started = new();

    private readonly NetNamespace _host;

    public FilterTools(NetNamespace host, ToolWarning? warn = null)
    {
        _host = host;
        Driver = new FilterDriver(RunAsync, NumberNames.Protocols(ReadIfThere("/etc/protocols")), NumberNames.Ethertypes(ReadIfThere("/etc/ethertypes")), warn);
        Counters = new RuleCounters(RunAsync);
    }

    /// <summary>The machine's kernel has no bridge names for nf_tables; others have.</summary>
    public static bool MatchesBridges => !IsNft;

    /// <summary>As the agent finds them at its start.</summary>
    public static IReadOnlyList<FirewallTool> Installed => ToolsOf(IsNft ? FirewallBackend.Nft : FirewallBackend.Legacy);

    public static bool IsNft => Testing.Kernel.Tools.IptablesBackend == "nft";

    public FilterDriver Driver { get; }

    /// <summary>How long tools wait for each other, where a test does not want to wait as long as the agent; null: as that does.</summary>
    public string? LockSeconds { get; init; }

    public RuleCounters Counters { get; }

    public OtherBackend OtherBackend => new(RunAsync, Installed, isV6 => _host.Run(() => LegacyTables.Names(isV6)), TimeProvider.System);

    /// <summary>What happens before each start.</summary>
    public Action? BeforeStart { get; set; }

    /// <summary>What was started, in order.</summary>
    public IReadOnlyCollection<string> Started => _started;

    /// <summary>Looks for rules where tools of this backend do not see them.</summary>
    public OtherBackend OtherThan(FirewallBackend backend) =>
        new(RunAsync, ToolsOf(backend), isV6 => _host.Run(() => LegacyTables.Names(isV6)), TimeProvider.System);

    private static IReadOnlyList<FirewallTool> ToolsOf(FirewallBackend backend) =>
        [.. new[] { "iptables", "ip6tables", "ebtables" }.Select(t => new FirewallTool(t, "1", backend, Availability.Available, ""))];

    private Task<ToolResult> RunAsync(ToolCall call, TimeSpan limit)
    {
        BeforeStart?.Invoke();
        _started.Enqueue(call.Name);
        var arguments = call.Arguments.Select((a, i) => LockSeconds is { } seconds && i > 0 && call.Arguments[i - 1] == "-w" ? seconds : a);
        return Tool.RunAsync(
            new ToolCall("nsenter", [$"--net={_host.Path}", "--", call.Name, .. arguments]) { WriteInput = call.WriteInput }, limit, CancellationToken.None);
    }

    private static string ReadIfThere(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
