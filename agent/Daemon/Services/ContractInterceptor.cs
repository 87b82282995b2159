using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// What holds for every call of the agent's own contract: nothing unknown is passed over in silence, and what is not there yet
/// says so in words.
/// </summary>
internal sealed class ContractInterceptor : Interceptor
{
    private static readonly string Prefix = $"/{HostNetwork.Descriptor.File.Package}.";

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(request, context);
        try
        {
            return await continuation(request, context);
        }
        catch (RpcException e) when (IsBare(e, context))
        {
            throw Refusal.Unimplemented(context.Method, AgentVersion.Text);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(request, context);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (RpcException e) when (IsBare(e, context))
        {
            throw Refusal.Unimplemented(context.Method, AgentVersion.Text);
        }
    }

    private static void Check<TRequest>(TRequest request, ServerCallContext context)
    {
        if (IsOurs(context) && request is IMessage message && UnknownFields.FirstIn(message) is { } path)
        {
            var where = path.Length == 0 ? message.Descriptor.Name : path;
            throw Refusal.InvalidArgument(
                [new Violation(where, $"has fields that this agent ({AgentVersion.Text}) does not know; it would not do what they ask for")]);
        }
    }

    /// <summary>What the generated base throws for a method that is not overridden.</summary>
    private static bool IsBare(RpcException exception, ServerCallContext context) =>
        exception.StatusCode == StatusCode.Unimplemented && exception.Status.Detail.Length == 0 && IsOurs(context);

    private static bool IsOurs(ServerCallContext context) => context.Method.StartsWith(Prefix, StringComparison.Ordinal);
}
