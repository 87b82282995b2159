using System.Collections.Concurrent;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>The host's own packet filter tools, run inside a namespace.</summary>
internal sealed class FilterTools
{
    private readonly ConcurrentQueue<string> _started = new();

    public FilterTools(NetNamespace host) => Driver = new FilterDriver(
        (call, limit) =>
        {
            BeforeStart?.Invoke();
            _started.Enqueue(call.Name);
            return Tool.RunAsync(
                new ToolCall("nsenter", [$"--net={host.Path}", "--", call.Name, .. call.Arguments]) { WriteInput = call.WriteInput }, limit, CancellationToken.None);
        },
        NumberNames.Protocols(ReadIfThere("/etc/protocols")),
        NumberNames.Ethertypes(ReadIfThere("/etc/ethertypes")));

    /// <summary>The machine's kernel has no bridge names for nf_tables; others have.</summary>
    public static bool MatchesBridges => Testing.Kernel.Tools.IptablesBackend == "legacy";

    public FilterDriver Driver { get; }

    /// <summary>What happens before each start.</summary>
    public Action? BeforeStart { get; set; }

    /// <summary>What was started, in order.</summary>
    public IReadOnlyCollection<string> Started => _started;

    private static string ReadIfThere(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
