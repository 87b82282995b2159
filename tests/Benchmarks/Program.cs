using Cloudbr.Agent.Benchmarks;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Benchmarks.Rpc;

// The server of the rpc benchmark is this program again, so that its CPU time is its own.
if (args is ["rpc-server", var endpoint])
{
    await BenchServer.RunAsync(endpoint);
    return 0;
}

var benches = new Dictionary<string, Func<Task<IReadOnlyList<Row>>>>
{
    ["links"] = LinksBench.RunAsync,
    ["rpc"] = RpcBench.RunAsync,
};
var names = args is [] ? [.. benches.Keys] : args;
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
