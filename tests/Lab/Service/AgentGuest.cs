using System.Text.Json;
using Cloudbr.Agent.Lab.Debian;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab.Service;

/// <summary>A Debian with the agent's package copied in, and grpcio clients made from the contract.</summary>
internal sealed class AgentGuest : IAsyncDisposable
{
    private const string Package = "/root/cloudbr-agent.deb";
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(2);

    private AgentGuest(DebianGuest machine) => Machine = machine;

    public DebianGuest Machine { get; }

    public static async Task<AgentGuest> BootAsync()
    {
        // Before the boot, for it says what to do where the package was not built.
        var package = BuiltPackage();
        var guest = new AgentGuest(await DebianGuest.BootAsync());
        try
        {
            await guest.Machine.CopyInAsync(package, Package);
            await guest.CopyClientsInAsync();
            return guest;
        }
        catch
        {
            await guest.DisposeAsync();
            throw;
        }
    }

    public async Task InstallAsync() => (await Machine.RunAsync(["dpkg", "--install", Package], InstallLimit)).EnsureSuccess();

    /// <summary>One property of the unit, as systemd has it.</summary>
    public async Task<string> PropertyAsync(string name) =>
        (await Machine.RunAsync(["systemctl", "show", "--value", $"--property={name}", "cloudbr-agent"])).EnsureSuccess().Output.Trim();

    /// <summary>Ends the agent's process by SIGKILL; systemd starts it again.</summary>
    public async Task KillAsync() =>
        (await Machine.RunAsync(["systemctl", "kill", "--signal=KILL", "cloudbr-agent"])).EnsureSuccess();

    /// <summary>What a grpcio client printed.</summary>
    public async Task<IReadOnlyList<JsonElement>> ClientAsync(params string[] arguments)
    {
        var result = await Machine.RunAsync(["env", "PYTHONPATH=/root/stubs", "/usr/bin/python3", "/root/agent_client.py", .. arguments]);
        return
        [
            .. result.EnsureSuccess().Output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];
    }

    public ValueTask DisposeAsync() => Machine.DisposeAsync();

    private static string BuiltPackage()
    {
        var built = Directory.Exists(Path.Combine(Repository.Root, "out"))
            ? Directory.GetFiles(Path.Combine(Repository.Root, "out"), "cloudbr-agent_*.deb")
            : [];
        return built is [var package]
            ? package
            : throw new InvalidOperationException($"{built.Length} packages in out/; tests/run lab builds the one, or: packaging/build");
    }

    private async Task CopyClientsInAsync()
    {
        var stubs = Directory.CreateTempSubdirectory("cloudbr-lab-stubs");
        try
        {
            var protos = Path.Combine(Repository.Root, "protos");
            var files = Directory.GetFiles(Path.Combine(protos, "cloudbr"), "*.proto", SearchOption.AllDirectories);

            // Ubuntu 22.04's protoc asks for the first option, newer ones pass over it.
            Command.Run([
                "protoc", "--experimental_allow_proto3_optional", $"--proto_path={protos}",
                $"--python_out={stubs.FullName}", $"--grpc_python_out={stubs.FullName}",
                "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin", .. files]);
            await Machine.CopyInAsync(stubs.FullName, "/root/stubs");
            await Machine.CopyInAsync(Path.Combine(Repository.Root, "tests", "Lab", "guest", "agent_client.py"), "/root/agent_client.py");
        }
        finally
        {
            stubs.Delete(recursive: true);
        }
    }
}
