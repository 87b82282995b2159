using System.Net;
using System.Net.Http.Headers;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Rpc.Tests.Client;

/// <summary>Servers that end a call while the client still sends. Kestrel resets the stream then; others say nothing more.</summary>
internal sealed class EarlyEndTests
{
    [Test]
    public async Task Write_ThatTheServerNoLongerTakes_EndsWithTheCall_AlsoWhereTheStreamIsNotReset()
    {
        using var transport = new UnreadingTransport();
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = transport });
        using var call = new Steered.SteeredClient(channel).Chat();
        var write = call.RequestStream.WriteAsync(new Note { Text = "never taken" });

        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);

        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
        Assert.That(async () => await write.Guarded(), Throws.TypeOf<RpcException>());
    }

    /// <summary>Lets the first write begin and never end, and then answers OK.</summary>
    private sealed class UnreadingTransport : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var wire = new FullStream();
            _ = request.Content!.CopyToAsync(wire, cancellationToken);
            await wire.Full;

            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]), RequestMessage = request };
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            response.TrailingHeaders.Add("grpc-status", "0");
            return response;
        }
    }

    /// <summary>A stream whose window is used up: writes wait until they are cancelled.</summary>
    private sealed class FullStream : MemoryStream
    {
        private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Full => _full.Task;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _full.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
