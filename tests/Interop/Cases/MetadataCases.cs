using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;

namespace Cloudbr.Agent.Interop.Cases;

internal static class MetadataCases
{
    private const string Initial = "x-grpc-test-echo-initial";
    private const string InitialValue = "test_initial_metadata_value";
    private const string Trailing = "x-grpc-test-echo-trailing-bin";
    private static readonly byte[] TrailingValue = [0xab, 0xab, 0xab];

    public static async Task CustomMetadataAsync(OurClient client)
    {
        var sent = new Metadata { { Initial, InitialValue }, { Trailing, TrailingValue } };

        using (var call = client.Service.UnaryCallAsync(Message.Large(), OurClient.Options(sent)))
        {
            Message.AssertZeros((await call).Payload, 314159);
            AssertEchoed(await call.ResponseHeadersAsync, call.GetTrailers());
        }

        using (var call = client.Service.FullDuplexCall(OurClient.Options(sent)))
        {
            await call.RequestStream.WriteAsync(Message.OutputWithPayload(271828, 314159));
            await call.RequestStream.CompleteAsync();
            await Message.AssertSizesAsync(call.ResponseStream, 314159);
            AssertEchoed(await call.ResponseHeadersAsync, call.GetTrailers());
        }
    }

    private static void AssertEchoed(Metadata headers, Metadata trailers)
    {
        Assert.That(headers.GetValue(Initial), Is.EqualTo(InitialValue));
        Assert.That(trailers.GetValueBytes(Trailing), Is.EqualTo(TrailingValue));
    }
}
