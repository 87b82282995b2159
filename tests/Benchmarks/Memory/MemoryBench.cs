using System.Globalization;
using System.Text.Json;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Benchmarks.Memory;

/// <summary>What the agent as it is shipped keeps in memory: started, told a large config over gRPC by cloudbrctl, and left alone.</summary>
internal static class MemoryBench
{
    private const int Networks = 4000;
    private const int Runs = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>More than git takes for the history, and then the agent to see that it is at rest.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        // The runtime's own threads begin with the first program that is read from: here, and not in a namespace that is to go again.
        Command.Run("true");
        List<double> idle = [], full = [];
        for (var run = 0; run < Runs; run++)
        {
            await MeasureAsync(idle, full);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{idle[^1]:0} MB, with {Networks} networks {full[^1]:0} MB"));
        }

        return
        [
            Row.Aim("resident memory without networks", "MB", idle, 100),
            Row.Aim(string.Create(CultureInfo.InvariantCulture, $"resident memory with {Networks} networks"), "MB", full, 100),
        ];
    }

    private static async Task MeasureAsync(List<double> idle, List<double> full)
    {
        using var underlay = new Underlay();
        using var files = new TempDirectory();
        var programs = Path.Combine(Repository.Root, "out", "cloudbr-agent");
        using var agent = underlay.Host.Start(
            Path.Combine(programs, "cloudbr-agent"), "run", "--socket", files["agent.sock"], "--state-dir", files["state"]);
        await agent.WaitForLineAsync(" serves on ", Limit);
        idle.Add(Resident(agent.Id));

        await ApplyAsync(Config());
        await Task.Delay(Rest);
        full.Add(Resident(agent.Id));

        // The kernel takes a namespace full of devices away much more slowly than the agent does.
        await ApplyAsync("{}");

        async Task ApplyAsync(string config)
        {
            await File.WriteAllTextAsync(files["config.json"], config);
            underlay.Host.TryExec(
                [Path.Combine(programs, "cloudbrctl"), "apply", files["config.json"], "--socket", files["agent.sock"], "-o", "json"], limit: Limit)
                .EnsureSuccess();
        }
    }

    private static string Config() => JsonSerializer.Serialize(new
    {
        physicalNetworks = new[] { new { label = "eth0", trafficTypes = new[] { "TRAFFIC_TYPE_GUEST" } } },
        networks = Enumerable.Range(1, Networks).Select(vni => new
        {
            id = string.Create(CultureInfo.InvariantCulture, $"net-{vni}"),
            physicalNetwork = "eth0",
            vxlan = new { vni, @static = new { peers = new[] { new { address = "192.0.2.2" }, new { address = "192.0.2.3" } } } },
        }),
    });

    private static double Resident(int process)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
