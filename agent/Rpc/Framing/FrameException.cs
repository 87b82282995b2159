using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Framing;

/// <summary>A message that cannot be read or written, with the status that says so.</summary>
internal sealed class FrameException(StatusCode code, string message) : RpcException(new Status(code, message))
{
    public static FrameException Malformed(string message) => new(StatusCode.Internal, message);

    public static FrameException TooLarge(string direction, long length, int limit) =>
        new(StatusCode.ResourceExhausted, $"{direction} message of {length} bytes is larger than the limit of {limit} bytes");
}
