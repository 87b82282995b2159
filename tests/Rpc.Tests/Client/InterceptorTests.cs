using System.Collections.Concurrent;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Cloudbr.Agent.Rpc.Tests.Client;

internal sealed class InterceptorTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Test]
    public async Task Interceptors_OfAClient_SeeEveryKindOfCallInTheOrderGiven()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel.Intercept(new Noting(_seen, "outer"), new Noting(_seen, "inner")));

        await client.UnaryAsync(new Note()).ResponseAsync.Guarded();
        await Task.Run(() => client.Unary(new Note())).Guarded();
        using var upload = client.Upload();
        await upload.RequestStream.CompleteAsync();
        await upload.ResponseAsync.Guarded();
        using var download = client.Download(new Note());
        Assert.That(await download.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
        using var chat = client.Chat();
        await chat.RequestStream.CompleteAsync();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);

        Assert.That(_seen, Is.EqualTo(new[] { "Unary", "Unary", "Upload", "Download", "Chat" }.SelectMany(
            m => new[] { $"outer {m}", $"inner {m}" })));
    }

    [Test]
    public async Task Interceptor_ThatAnswersItself_MakesNoCall()
    {
        var reached = false;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, _) =>
            {
                reached = true;
                return Task.FromResult(request);
            },
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel.Intercept(new Answering()));
        using var call = client.UnaryAsync(new Note());

        Assert.That((await call.ResponseAsync.Guarded()).Text, Is.EqualTo("from the interceptor"));
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
        Assert.That((await call.ResponseHeadersAsync.Guarded()).GetValue("h"), Is.EqualTo("1"));
        Assert.That(call.GetTrailers().GetValue("t"), Is.EqualTo("2"));
        Assert.That(reached, Is.False);
    }

    [Test]
    public async Task Interceptor_ThatChangesTheOptions_ChangesTheCall()
    {
        string? seen = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                seen = context.RequestHeaders.GetValue("added");
                return Task.FromResult(request);
            },
        });
        using var channel = server.Channel();

        await new Steered.SteeredClient(channel.Intercept(new Adding())).UnaryAsync(new Note()).ResponseAsync.Guarded();

        Assert.That(seen, Is.EqualTo("yes"));
    }

    [Test]
    public async Task WithHost_OnAnyKindOfCall_SetsTheAuthority()
    {
        var hosts = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Chat = (_, _, context) =>
            {
                hosts.Enqueue(context.Host);
                return Task.CompletedTask;
            },
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);
        foreach (var each in new[] { client, client.WithHost("a.example") })
        {
            using var call = each.Chat();
            Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
        }

        Assert.That(hosts, Is.EqualTo(new[] { channel.Target, "a.example" }));
    }

    [Test]
    public void Client_MadeForMocks_MakesNoCalls() =>
        Assert.That(() => new Mock().Unary(new Note()), Throws.InvalidOperationException);

    private sealed class Mock : Steered.SteeredClient;

    private sealed class Noting(ConcurrentQueue<string> seen, string name) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Enqueue($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Enqueue($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Enqueue($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Enqueue($"{name} {context.Method.Name}");
            return continuation(context);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Enqueue($"{name} {context.Method.Name}");
            return continuation(context);
        }
    }

    private sealed class Answering : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation) => new(
            Task.FromResult((TResponse)(object)new Note { Text = "from the interceptor" }),
            Task.FromResult(new Metadata { { "h", "1" } }),
            () => Status.DefaultSuccess,
            () => new Metadata { { "t", "2" } },
            () => { });
    }

    private sealed class Adding : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(
            request,
            new ClientInterceptorContext<TRequest, TResponse>(
                context.Method, context.Host, context.Options.WithHeaders(new Metadata { { "added", "yes" } })));
    }
}
