using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Cases;

/// <summary>Calls that the client ends early, or that run out of time.</summary>
internal static class EndingCases
{
    public static async Task CancelAfterBeginAsync(OurClient client)
    {
        using var cancel = new CancellationTokenSource();
        using var call = client.Service.StreamingInputCall(OurClient.Options(cancellationToken: cancel.Token));
        await cancel.CancelAsync();
        await Message.AssertStatusAsync(() => call.ResponseAsync, StatusCode.Cancelled);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.Cancelled));
    }

    public static async Task CancelAfterFirstResponseAsync(OurClient client)
    {
        using var cancel = new CancellationTokenSource();
        using var call = client.Service.FullDuplexCall(OurClient.Options(cancellationToken: cancel.Token));
        await call.RequestStream.WriteAsync(Message.OutputWithPayload(27182, 31415));
        Assert.That(await call.ResponseStream.MoveNext(), Is.True, "the stream ended early");
        Message.AssertZeros(call.ResponseStream.Current.Payload, 31415);

        await cancel.CancelAsync();
        await Message.AssertStatusAsync(() => call.ResponseStream.MoveNext(), StatusCode.Cancelled);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.Cancelled));
    }

    public static async Task TimeoutOnSleepingServerAsync(OurClient client)
    {
        var options = new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(1));
        using var call = client.Service.FullDuplexCall(options);
        try
        {
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { Payload = Message.Zeros(27182) });
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The time was up before the message was out. What counts is how the call ended.
        }

        await Message.AssertStatusAsync(() => call.ResponseStream.MoveNext(), StatusCode.DeadlineExceeded);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }
}
