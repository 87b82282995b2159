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
        Directory.CreateDirectory(Workspace.PythonStubs);
        await Child.RunAsync(Protoc,
        [
            $"--proto_path={Workspace.Protos}",
            $"--python_out={Workspace.PythonStubs}",
            $"--grpc_python_out={Workspace.PythonStubs}",
            $"--plugin=protoc-gen-grpc_python={Plugin}",
            .. Directory.EnumerateFiles(Workspace.Protos, "*.proto", SearchOption.AllDirectories),
        ]);
    }

    private static string Script(string name) => Path.Combine(Workspace.Source, "python", name);
}
