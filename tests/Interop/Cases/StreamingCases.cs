using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Cases;

internal static class StreamingCases
{
    public static async Task ClientStreamingAsync(OurClient client)
    {
        using var call = client.Service.StreamingInputCall(OurClient.Options());
        foreach (var size in new[] { 27182, 8, 1828, 45904 })
        {
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = Message.Zeros(size) });
        }

        await call.RequestStream.CompleteAsync();
        Assert.That((await call).AggregatedPayloadSize, Is.EqualTo(74922));
    }

    public static async Task ServerStreamingAsync(OurClient client)
    {
        using var call = client.Service.StreamingOutputCall(Message.Output(31415, 9, 2653, 58979), OurClient.Options());
        await Message.AssertSizesAsync(call.ResponseStream, 31415, 9, 2653, 58979);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    public static async Task PingPongAsync(OurClient client)
    {
        using var call = client.Service.FullDuplexCall(OurClient.Options());
        foreach (var (response, payload) in new[] { (31415, 27182), (9, 8), (2653, 1828), (58979, 45904) })
        {
            await call.RequestStream.WriteAsync(Message.OutputWithPayload(payload, response));
            Assert.That(await call.ResponseStream.MoveNext(), Is.True, "the stream ended early");
            Message.AssertZeros(call.ResponseStream.Current.Payload, response);
        }

        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False, "a fifth response came");
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    public static async Task EmptyStreamAsync(OurClient client)
    {
        using var call = client.Service.FullDuplexCall(OurClient.Options());
        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False, "a response came");
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }
}
