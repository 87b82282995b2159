using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Server;

/// <summary>What a response carries besides its messages: echoed metadata, the encoding, the status asked for.</summary>
internal static class Response
{
    private const string EchoInitial = "x-grpc-test-echo-initial";
    private const string EchoTrailing = "x-grpc-test-echo-trailing-bin";

    /// <summary>The key by which gRPC for .NET lets one response turn its encoding on; it is not sent.</summary>
    private const string EncodingRequest = "grpc-internal-encoding-request";

    /// <summary>Echoes what the client asks for, and sends headers at once if they say anything.</summary>
    public static async Task BeginAsync(ServerCallContext context, bool compress = false)
    {
        foreach (var entry in context.RequestHeaders)
        {
            if (entry.Key == EchoTrailing)
            {
                context.ResponseTrailers.Add(entry.Key, entry.ValueBytes);
            }
        }

        var headers = new Metadata();
        foreach (var entry in context.RequestHeaders)
        {
            if (entry.Key == EchoInitial)
            {
                headers.Add(entry.Key, entry.Value);
            }
        }

        if (compress)
        {
            headers.Add(EncodingRequest, "gzip");
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
    }

    /// <summary>The options of one message, in a stream whose encoding may be gzip.</summary>
    public static WriteOptions OptionsFor(bool compressed) =>
        compressed ? WriteOptions.Default : new WriteOptions(WriteFlags.NoCompress);

    /// <summary>Ends the call with the status that the request carries, if that is an error.</summary>
    public static void EndIfAsked(EchoStatus? wanted)
    {
        if (wanted is not null && wanted.Code != 0)
        {
            throw new RpcException(new Status((StatusCode)wanted.Code, wanted.Message));
        }
    }
}
