using Cloudbr.Agent.Rpc.Server;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Server;

/// <summary>What the service must know of a call beyond the public surface of Grpc.Core.</summary>
internal static class Expectations
{
    /// <exception cref="RpcException">INVALID_ARGUMENT: the message just read came otherwise than the client said.</exception>
    public static void CheckCompression(BoolValue? expected, ServerCallContext context)
    {
        if (expected is null)
        {
            return;
        }

        var compressed = ((ServerCall)context).LastMessageCompressed;
        if (expected.Value != compressed)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                $"expect_compressed is {expected.Value}, the message came with compressed={compressed}"));
        }
    }

    /// <summary>The common name of the client's certificate, or an empty text when it showed none.</summary>
    public static string ClientName(ServerCallContext context) =>
        context.AuthContext.FindPropertiesByName("x509_common_name").FirstOrDefault()?.Value ?? "";
}
