using Cloudbr.Agent.Rpc.Protocol;
using Grpc.AspNetCore.Server;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>What every call of this server has in common, worked out once.</summary>
internal sealed class CallSettings
{
    public CallSettings(IOptions<GrpcServiceOptions> options, ILoggerFactory loggers, IServiceProvider services)
    {
        var o = options.Value;
        MaxReceive = o.MaxReceiveMessageSize ?? int.MaxValue;
        MaxSend = o.MaxSendMessageSize ?? int.MaxValue;
        DetailedErrors = o.EnableDetailedErrors ?? false;
        CompressResponses = o.ResponseCompressionAlgorithm switch
        {
            null or "" or GrpcHeaders.Identity => false,
            GrpcHeaders.Gzip => true,
            var other => throw new InvalidOperationException(
                $"ResponseCompressionAlgorithm is '{other}'; this server knows {GrpcHeaders.AcceptedEncodings}."),
        };
        Interceptors =
        [
            .. o.Interceptors.Select(r =>
                (Interceptor)ActivatorUtilities.CreateInstance(services, r.Type, [.. r.Arguments])),
        ];
        Log = loggers.CreateLogger("Cloudbr.Agent.Rpc.Server");
    }

    public int MaxReceive { get; }

    public int MaxSend { get; }

    public bool DetailedErrors { get; }

    public bool CompressResponses { get; }

    public Interceptor[] Interceptors { get; }

    public ILogger Log { get; }
}
