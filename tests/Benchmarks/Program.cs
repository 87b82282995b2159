using System.Diagnostics;
using Cloudbr.Agent.Benchmarks;
using Cloudbr.Agent.Benchmarks.Drift;
using Cloudbr.Agent.Benchmarks.Filtering;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Benchmarks.Memory;
using Cloudbr.Agent.Benchmarks.Rpc;
using Cloudbr.Agent.Benchmarks.Shaping;
using Cloudbr.Agent.Benchmarks.State;

// The server of the rpc benchmark is this program again, so that its CPU time is its own.
if (args is ["rpc-server", var endpoint])
{
    await BenchServer.RunAsync(endpoint);
    return 0;
}

// These visit other network namespaces, and a compiler thread that the runtime starts at that moment would stay there.
const string Tiering = "DOTNET_TieredCompilation";
if (args.Intersect(["links", "memory", "drift", "firewall", "shaping"]).Any() && Environment.GetEnvironmentVariable(Tiering) != "0")
{
    var again = new ProcessStartInfo(Environment.ProcessPath!, args) { Environment = { [Tiering] = "0" } };
    using var child = Process.Start(again)!;
    await child.WaitForExitAsync();
    return child.ExitCode;
}

var benches = new Dictionary<string, Func<Task<IReadOnlyList<Row>>>>
{
    ["drift"] = DriftBench.RunAsync,
    ["firewall"] = FirewallBench.RunAsync,
    ["links"] = LinksBench.RunAsync,
    ["memory"] = MemoryBench.RunAsync,
    ["rpc"] = RpcBench.RunAsync,
    ["shaping"] = ShapingBench.RunAsync,
    ["state"] = StateBench.RunAsync,
};
if (args is [])
{
    foreach (var each in benches.Keys)
    {
        using var child = Process.Start(Environment.ProcessPath!, [each]);
        await child.WaitForExitAsync();
    }

    return 0;
}

var names = args;
foreach (var name in names)
{
    if (!benches.TryGetValue(name, out var bench))
    {
        Console.Error.WriteLine($"There is no benchmark '{name}'. Known: {string.Join(", ", benches.Keys)}.");
        return 2;
    }

    Report.Write(name, await bench());
}

return 0;
