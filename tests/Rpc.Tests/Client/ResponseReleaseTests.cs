using System.Net;
using System.Net.Http.Headers;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Rpc.Tests.Client;

/// <summary>A response that nobody reads on keeps its stream open on the connection until it is let go of.</summary>
internal sealed class ResponseReleaseTests
{
    [Test]
    public async Task Response_ThatComesAfterTheCallWasCancelled_IsLetGo([Values] bool streaming)
    {
        using var cancellation = new CancellationTokenSource();
        using var transport = new Answering(cancellation.Cancel, ("x", "y"));
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = transport });
        var client = new Steered.SteeredClient(channel);

        using var chat = streaming ? client.Chat(cancellationToken: cancellation.Token) : null;
        await Expect.FailureAsync(
            chat?.ResponseStream.MoveNext(CancellationToken.None) ?? (Task)client.UnaryAsync(new Note(), cancellationToken: cancellation.Token).ResponseAsync,
            StatusCode.Cancelled);

        await transport.Released.Guarded();
    }

    [Test]
    public async Task Response_WithItsStatusInTheHeaders_IsLetGo()
    {
        using var transport = new Answering(() => { }, ("grpc-status", "0"));
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = transport });
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);

        await transport.Released.Guarded();
    }

    /// <summary>Answers with a body that never ends, and tells when it was let go of.</summary>
    private sealed class Answering(Action before, (string Name, string Value) header) : HttpMessageHandler
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Released => _released.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            before();
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = new Endless(_released) };
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            response.Headers.TryAddWithoutValidation(header.Name, header.Value);
            return Task.FromResult(response);
        }
    }

    private sealed class Endless(TaskCompletionSource released) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.Delay(Timeout.Infinite);

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(Stream.Null);

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Stream.Null;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            released.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
