using System.Collections.Concurrent;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Cloudbr.Agent.Rpc.Tests.Server;

internal sealed class InterceptorTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Test]
    public async Task Interceptors_OfAServer_SeeEveryKindOfCallInTheOrderTheyWereAdded()
    {
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Grpc = o =>
            {
                o.Interceptors.Add<Noting>(_seen, "outer");
                o.Interceptors.Add<Noting>(_seen, "inner");
            },
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        await client.UnaryAsync(new Note()).ResponseAsync.Guarded();
        using var upload = client.Upload();
        await upload.RequestStream.CompleteAsync();
        await upload.ResponseAsync.Guarded();
        using var download = client.Download(new Note());
        Assert.That(await download.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
        using var chat = client.Chat();
        await chat.RequestStream.CompleteAsync();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);

        Assert.That(_seen, Is.EqualTo(new[] { "Unary", "Upload", "Download", "Chat" }.SelectMany(
            m => new[] { $"outer> {m}", $"inner> {m}", $"inner< {m}", $"outer< {m}" })));
    }

    [Test]
    public async Task Interceptor_ThatRefuses_KeepsTheCallFromItsHandler()
    {
        var reached = false;
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers
            {
                Unary = (request, _) =>
                {
                    reached = true;
                    return Task.FromResult(request);
                },
            },
            Grpc = o => o.Interceptors.Add<Refusing>(),
        });
        using var channel = server.Channel();

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.PermissionDenied);

        Assert.That(reached, Is.False);
    }

    private sealed class Noting(ConcurrentQueue<string> seen, string name) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            NoteAsync(context, () => continuation(request, context));

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            ServerCallContext context,
            ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
            NoteAsync(context, () => continuation(requestStream, context));

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
            NoteAsync(context, () => Nothing(continuation(request, responseStream, context)));

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
            NoteAsync(context, () => Nothing(continuation(requestStream, responseStream, context)));

        private async Task<T> NoteAsync<T>(ServerCallContext context, Func<Task<T>> call)
        {
            var method = context.Method[(context.Method.LastIndexOf('/') + 1)..];
            seen.Enqueue($"{name}> {method}");
            var result = await call();
            seen.Enqueue($"{name}< {method}");
            return result;
        }

        private static async Task<bool> Nothing(Task task)
        {
            await task;
            return true;
        }
    }

    private sealed class Refusing : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            throw new RpcException(new Status(StatusCode.PermissionDenied, "not you"));
    }
}
