namespace Cloudbr.Agent.Interop.Peers;

/// <summary>
/// Python's grpcio as Debian and Ubuntu package it. Its programs are run by the system's Python: another one that comes first
/// in PATH does not have it.
/// </summary>
internal static class Grpcio
{
    private const string Python = "/usr/bin/python3";
    private const string Protoc = "/usr/bin/protoc";
    private const string Plugin = "/usr/bin/grpc_python_plugin";
    private const string Packages = "python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc";

    public static (string Program, string[] Arguments) ServerCommand =>
        (Python, [Script("server.py"), "--stubs", Workspace.PythonStubs]);

    public static ForeignClient Client(ServerAddress server)
    {
        string[] arguments = [Script("client.py"), "--stubs", Workspace.PythonStubs, "--target", server.Text];
        return ForeignClient.Start(Python, [.. arguments, .. ForeignClient.TlsArguments(server.Transport)]);
    }

    /// <summary>
    /// The management server's part against an agent that this command starts, in namespaces of its own: its network and its processes
    /// end with it. Without root it is root of a user namespace, and may do there what it likes.
    /// </summary>
    public static ForeignClient AgentClient(IReadOnlyList<string> agent)
    {
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
        return ForeignClient.Start(
            "unshare",
            [.. user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", Python, Script("agent/cases.py"), "--stubs", Workspace.AgentStubs, "--", .. agent]);
    }

    /// <summary>Of the agent's contract.</summary>
    public static Task GenerateAgentStubsAsync()
    {
        string[] parts = ["cloudbr", "google"];
        return GenerateAsync(
            Workspace.Contract,
            Workspace.AgentStubs,
            parts.SelectMany(part => Directory.EnumerateFiles(Path.Combine(Workspace.Contract, part), "*.proto", SearchOption.AllDirectories)));
    }

    public static async Task GenerateStubsAsync()
    {
        foreach (var program in new[] { Python, Protoc, Plugin })
        {
            if (!File.Exists(program))
            {
                throw new FileNotFoundException($"{program} is missing: apt-get install {Packages}");
            }
        }

        await Child.RunAsync(Python, ["-c", "import grpc, google.protobuf"]);
        await GenerateAsync(Workspace.Protos, Workspace.PythonStubs, Directory.EnumerateFiles(Workspace.Protos, "*.proto", SearchOption.AllDirectories));
    }

    private static Task GenerateAsync(string protos, string stubs, IEnumerable<string> files)
    {
        Directory.CreateDirectory(stubs);

        // Ubuntu 22.04's protoc asks for the first option, newer ones pass over it.
        return Child.RunAsync(Protoc,
        [
            "--experimental_allow_proto3_optional",
            $"--proto_path={protos}",
            $"--python_out={stubs}",
            $"--grpc_python_out={stubs}",
            $"--plugin=protoc-gen-grpc_python={Plugin}",
            .. files,
        ]);
    }

    private static string Script(string name) => Path.Combine(Workspace.Source, "python", name);
}
