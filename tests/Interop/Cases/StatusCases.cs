using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Cases;

internal static class StatusCases
{
    public static async Task StatusCodeAndMessageAsync(OurClient client)
    {
        const string text = "test status message";
        var status = new EchoStatus { Code = (int)StatusCode.Unknown, Message = text };

        await Message.AssertStatusAsync(
            () => client.Service.UnaryCallAsync(new SimpleRequest { ResponseStatus = status }, OurClient.Options()).ResponseAsync,
            StatusCode.Unknown,
            text);

        using var call = client.Service.FullDuplexCall(OurClient.Options());
        await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = status });
        await call.RequestStream.CompleteAsync();
        await Message.AssertStatusAsync(() => call.ResponseStream.MoveNext(), StatusCode.Unknown, text);
    }

    public static async Task SpecialStatusMessageAsync(OurClient client)
    {
        const string text = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n";
        var request = new SimpleRequest { ResponseStatus = new EchoStatus { Code = (int)StatusCode.Unknown, Message = text } };
        await Message.AssertStatusAsync(
            () => client.Service.UnaryCallAsync(request, OurClient.Options()).ResponseAsync, StatusCode.Unknown, text);
    }

    public static async Task UnimplementedMethodAsync(OurClient client) =>
        await Message.AssertStatusAsync(
            () => client.Service.UnimplementedCallAsync(new Empty(), OurClient.Options()).ResponseAsync,
            StatusCode.Unimplemented);

    public static async Task UnimplementedServiceAsync(OurClient client) =>
        await Message.AssertStatusAsync(
            () => new UnimplementedService.UnimplementedServiceClient(client.Channel)
                .UnimplementedCallAsync(new Empty(), OurClient.Options()).ResponseAsync,
            StatusCode.Unimplemented);
}
