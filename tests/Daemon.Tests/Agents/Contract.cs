using Cloudbr.Agent.V1;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>The agent's contract as its descriptors have it, and any method of it called with bytes.</summary>
internal static class Contract
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(b => b, b => b);

    public static IReadOnlyList<ServiceDescriptor> Services { get; } = [.. FilesBelow(
        HostNetwork.Descriptor.File, V1.Telemetry.Descriptor.File, V1.Diagnostics.Descriptor.File)
        .Where(f => f.Package == HostNetwork.Descriptor.File.Package).SelectMany(f => f.Services)];

    public static IEnumerable<MethodDescriptor> Methods => Services.SelectMany(s => s.Methods);

    /// <summary>As Capabilities.methods names it.</summary>
    public static string NameOf(MethodDescriptor method) => $"{method.Service.FullName}/{method.Name}";

    public static MethodDescriptor Method(string name) => Methods.Single(m => NameOf(m) == name);

    /// <summary>Calls a method and reads whatever it answers, until the end.</summary>
    public static async Task<IReadOnlyList<byte[]>> CallAsync(CallInvoker calls, MethodDescriptor method, byte[] request)
    {
        var definition = Define(method);
        if (!method.IsServerStreaming)
        {
            return [await calls.AsyncUnaryCall(definition, null, new CallOptions(), request)];
        }

        using var call = calls.AsyncServerStreamingCall(definition, null, new CallOptions(), request);
        var answers = new List<byte[]>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
        {
            answers.Add(answer);
        }

        return answers;
    }

    /// <summary>Calls a method with an empty request: the status that it ends with, or OK when it has answered something.</summary>
    public static async Task<StatusCode> FirstStatusAsync(CallInvoker calls, MethodDescriptor method)
    {
        try
        {
            if (method.IsServerStreaming)
            {
                using var call = calls.AsyncServerStreamingCall(Define(method), null, new CallOptions(), []);
                await call.ResponseStream.MoveNext();
            }
            else
            {
                await calls.AsyncUnaryCall(Define(method), null, new CallOptions(), []);
            }

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    /// <summary>A file and all that it imports.</summary>
    public static IEnumerable<FileDescriptor> FilesBelow(params IEnumerable<FileDescriptor> files) =>
        files.SelectMany(f => FilesBelow(f.Dependencies).Append(f)).DistinctBy(f => f.Name);

    private static Method<byte[], byte[]> Define(MethodDescriptor method) => new(
        method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, method.Service.FullName, method.Name, Bytes, Bytes);
}
