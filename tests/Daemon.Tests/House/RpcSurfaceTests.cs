using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Daemon.Tests.House;

/// <summary>
/// What is delivered speaks gRPC only through what the packages Grpc.Core.Api, Grpc.AspNetCore.Server and Grpc.Net.Client
/// have, too: with -p:GrpcRuntime=package the same sources build against them.
/// </summary>
internal sealed class RpcSurfaceTests
{
    private static readonly string[] Assemblies = [Built("agent/Daemon", "cloudbr-agent.dll"), Built("agent/Cli", "cloudbrctl.dll")];

    /// <summary>Public types of these packages. Who adds one here has seen it there.</summary>
    private static readonly HashSet<string> Official =
    [
        "Grpc.AspNetCore.Server.GrpcServiceOptions",
        "Grpc.AspNetCore.Server.IGrpcServerBuilder",
        "Grpc.AspNetCore.Server.InterceptorCollection",
        "Grpc.Core.AsyncDuplexStreamingCall`2",
        "Grpc.Core.AsyncServerStreamingCall`1",
        "Grpc.Core.AsyncStreamReaderExtensions",
        "Grpc.Core.AsyncUnaryCall`1",
        "Grpc.Core.CallCredentials",
        "Grpc.Core.CallInvoker",
        "Grpc.Core.CallOptions",
        "Grpc.Core.ChannelBase",
        "Grpc.Core.ContextPropagationToken",
        "Grpc.Core.IAsyncStreamReader`1",
        "Grpc.Core.IAsyncStreamWriter`1",
        "Grpc.Core.IServerStreamWriter`1",
        "Grpc.Core.Interceptors.Interceptor",
        "Grpc.Core.Metadata",
        "Grpc.Core.Metadata.Entry",
        "Grpc.Core.RpcException",
        "Grpc.Core.ServerCallContext",
        "Grpc.Core.ServerCallContextExtensions",
        "Grpc.Core.ServerStreamingServerMethod`2",
        "Grpc.Core.Status",
        "Grpc.Core.StatusCode",
        "Grpc.Core.UnaryServerMethod`2",
        "Grpc.Core.WriteOptions",
        "Grpc.Net.Client.GrpcChannel",
        "Grpc.Net.Client.GrpcChannelOptions",
        "Microsoft.AspNetCore.Builder.GrpcEndpointRouteBuilderExtensions",
        "Microsoft.AspNetCore.Builder.GrpcServiceEndpointConventionBuilder",
        "Microsoft.Extensions.DependencyInjection.GrpcServicesExtensions",
    ];

    /// <summary>What sets a server or a client up, in sources.</summary>
    private static readonly string[] Setup = ["Grpc.AspNetCore", "Grpc.Net", "GrpcChannel", "MapGrpcService", "AddGrpc"];

    [TestCaseSource(nameof(Assemblies))]
    public void Assembly_NamesOnlyOfficialTypes(string assembly)
    {
        var types = RpcReferences.In(assembly);
        Assert.That(types, Is.Not.Empty);
        Assert.That(types.Except(Official), Is.Empty);
    }

    [TestCase("agent/Daemon", "agent/Daemon/Hosting/AgentHost.cs")]
    [TestCase("agent/Cli", "agent/Cli/Connection.cs")]
    public void Setup_StandsInOneFile(string folder, string composition) => Assert.That(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Where(f => Setup.Any(s => File.ReadAllText(f).Contains(s, StringComparison.Ordinal)))
            .Select(f => Path.GetRelativePath(Repository.Root, f)),
        Is.EqualTo(new[] { composition }));

    private static string Built(string project, string file) => Repository.BuiltFile(project, file);
}
