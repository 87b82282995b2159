using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Cases;

internal static class CompressionCases
{
    private static readonly bool[] CompressedThenNot = [true, false];

    public static async Task ClientCompressedUnaryAsync(OurClient client)
    {
        var compressed = Message.Large();
        compressed.ExpectCompressed = Message.Flag(true);
        var plain = Message.Large();
        plain.ExpectCompressed = Message.Flag(false);

        await Message.AssertStatusAsync(
            () => client.Checking.UnaryCallAsync(compressed, OurClient.Options()).ResponseAsync, StatusCode.InvalidArgument);
        Message.AssertZeros((await client.Checking.UnaryCallAsync(compressed, OurClient.Gzip())).Payload, 314159);
        Message.AssertZeros((await client.Checking.UnaryCallAsync(plain, OurClient.Options())).Payload, 314159);

        // A grpcio server that checks unpacks the message itself; its usual way must read it too.
        Message.AssertZeros((await client.Service.UnaryCallAsync(compressed, OurClient.Gzip())).Payload, 314159);
    }

    public static async Task ClientCompressedStreamingAsync(OurClient client)
    {
        var compressed = new StreamingInputCallRequest
        {
            Payload = Message.Zeros(27182),
            ExpectCompressed = Message.Flag(true),
        };
        var plain = new StreamingInputCallRequest { Payload = Message.Zeros(45904), ExpectCompressed = Message.Flag(false) };

        using var probe = client.Checking.StreamingInputCall(OurClient.Options());
        await probe.RequestStream.WriteAsync(compressed);
        await probe.RequestStream.CompleteAsync();
        await Message.AssertStatusAsync(() => probe.ResponseAsync, StatusCode.InvalidArgument);

        foreach (var service in new[] { client.Checking, client.Service })
        {
            using var call = service.StreamingInputCall(OurClient.Gzip());
            await call.RequestStream.WriteAsync(compressed);
            call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await call.RequestStream.WriteAsync(plain);
            await call.RequestStream.CompleteAsync();
            Assert.That((await call).AggregatedPayloadSize, Is.EqualTo(73086));
        }
    }

    public static async Task ServerCompressedUnaryAsync(OurClient client)
    {
        var (channel, tap) = client.OpenTapped();
        using var _ = channel;
        var service = new TestService.TestServiceClient(channel);
        foreach (var wanted in CompressedThenNot)
        {
            var request = Message.Large();
            request.ResponseCompressed = Message.Flag(wanted);
            Message.AssertZeros((await service.UnaryCallAsync(request, OurClient.Options())).Payload, 314159);
        }

        Assert.That(tap.Flags, Is.EqualTo(CompressedThenNot), "compressed flags");
    }

    public static async Task ServerCompressedStreamingAsync(OurClient client)
    {
        var (channel, tap) = client.OpenTapped();
        using var _ = channel;
        var request = new StreamingOutputCallRequest
        {
            ResponseParameters =
            {
                new ResponseParameters { Size = 31415, Compressed = Message.Flag(true) },
                new ResponseParameters { Size = 92653, Compressed = Message.Flag(false) },
            },
        };
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(request, OurClient.Options());
        await Message.AssertSizesAsync(call.ResponseStream, 31415, 92653);
        Assert.That(tap.Flags, Is.EqualTo(CompressedThenNot), "compressed flags");
    }
}
