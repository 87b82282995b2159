using Cloudbr.Agent.Interop.Peers;

namespace Cloudbr.Agent.Interop.Cases;

/// <summary>The cases of the public gRPC interoperability test description that need no cloud credentials.</summary>
internal static class Case
{
    private static readonly Dictionary<string, Func<OurClient, Task>> Runs = new()
    {
        ["empty_unary"] = UnaryCases.EmptyUnaryAsync,
        ["large_unary"] = UnaryCases.LargeUnaryAsync,
        ["client_compressed_unary"] = CompressionCases.ClientCompressedUnaryAsync,
        ["server_compressed_unary"] = CompressionCases.ServerCompressedUnaryAsync,
        ["client_streaming"] = StreamingCases.ClientStreamingAsync,
        ["client_compressed_streaming"] = CompressionCases.ClientCompressedStreamingAsync,
        ["server_streaming"] = StreamingCases.ServerStreamingAsync,
        ["server_compressed_streaming"] = CompressionCases.ServerCompressedStreamingAsync,
        ["ping_pong"] = StreamingCases.PingPongAsync,
        ["empty_stream"] = StreamingCases.EmptyStreamAsync,
        ["custom_metadata"] = MetadataCases.CustomMetadataAsync,
        ["status_code_and_message"] = StatusCases.StatusCodeAndMessageAsync,
        ["special_status_message"] = StatusCases.SpecialStatusMessageAsync,
        ["unimplemented_method"] = StatusCases.UnimplementedMethodAsync,
        ["unimplemented_service"] = StatusCases.UnimplementedServiceAsync,
        ["cancel_after_begin"] = EndingCases.CancelAfterBeginAsync,
        ["cancel_after_first_response"] = EndingCases.CancelAfterFirstResponseAsync,
        ["timeout_on_sleeping_server"] = EndingCases.TimeoutOnSleepingServerAsync,
    };

    public static IEnumerable<string> Names => Runs.Keys;

    /// <summary>Runs a case with our client.</summary>
    public static Task RunAsync(string name, OurClient client) => Runs[name](client);
}
