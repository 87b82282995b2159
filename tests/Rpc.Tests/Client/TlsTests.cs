using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Cloudbr.Agent.Rpc.Tests.Client;

internal sealed class TlsTests
{
    private readonly Authority _authority = new();

    [TearDown]
    public void TearDown() => _authority.Dispose();

    [Test]
    public async Task Call_OverTls_IsMadeWhenTheAuthorityIsTrusted()
    {
        await using var server = await StartAsync(new Handlers(), ClientCertificateMode.NoCertificate);
        using var channel = Channel(server, _authority.Trusting());

        Assert.That((await new Steered.SteeredClient(channel).UnaryAsync(new Note { Number = 1 }).ResponseAsync.Guarded()).Number, Is.EqualTo(1));
    }

    [Test]
    public async Task Call_ToAServerOfAnotherAuthority_IsUnavailableAndSaysWhy()
    {
        await using var server = await StartAsync(new Handlers(), ClientCertificateMode.NoCertificate);
        using var stranger = new Authority();
        using var channel = Channel(server, stranger.Trusting());

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);

        Assert.That(failure.Status.Detail, Does.Contain("certificate"));
    }

    [Test]
    public async Task Call_WithACertificateOfItsOwn_IsKnownToTheHandler()
    {
        AuthContext? seen = null;
        await using var server = await StartAsync(
            new Handlers
            {
                Unary = (request, context) =>
                {
                    seen = context.AuthContext;
                    return Task.FromResult(request);
                },
            },
            ClientCertificateMode.RequireCertificate);
        using var certificate = _authority.Issue("operator", "ops.example", "ops2.example");
        using var channel = Channel(server, _authority.Trusting(certificate));

        await new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync.Guarded();

        Assert.That(seen!.IsPeerAuthenticated);
        Assert.That(seen.PeerIdentityPropertyName, Is.EqualTo("x509_subject_alternative_name"));
        Assert.That(seen.PeerIdentity.Select(p => p.Value), Is.EqualTo(new[] { "ops.example", "ops2.example", "127.0.0.1" }));
        Assert.That(seen.FindPropertiesByName("x509_common_name").Single().Value, Is.EqualTo("operator"));
        Assert.That(seen.FindPropertiesByName("nothing"), Is.Empty);
        Assert.That(
            X509Certificate2.CreateFromPem(seen.FindPropertiesByName("x509_pem_cert").Single().Value).Thumbprint,
            Is.EqualTo(certificate.Thumbprint));
    }

    [Test]
    public async Task Call_WithoutTheCertificateThatTheServerAsksFor_IsUnavailable()
    {
        await using var server = await StartAsync(new Handlers(), ClientCertificateMode.RequireCertificate);
        using var channel = Channel(server, _authority.Trusting());

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);
    }

    [Test]
    public async Task Call_WithACertificateOfAnotherAuthority_IsUnavailable()
    {
        await using var server = await StartAsync(new Handlers(), ClientCertificateMode.RequireCertificate);
        using var stranger = new Authority();
        using var certificate = stranger.Issue("stranger");
        using var channel = Channel(server, _authority.Trusting(certificate));

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);
    }

    [Test]
    public async Task CallCredentials_OfChannelAndCall_AreSentOverTls()
    {
        string[] seen = [];
        await using var server = await StartAsync(
            new Handlers
            {
                Unary = (request, context) =>
                {
                    seen = [.. context.RequestHeaders.Where(e => e.Key.StartsWith("auth", StringComparison.Ordinal)).Select(e => $"{e.Key}={e.Value}")];
                    return Task.FromResult(request);
                },
            },
            ClientCertificateMode.NoCertificate);
        using var channel = Channel(server, _authority.Trusting(), o => o.Credentials = ChannelCredentials.Create(
            ChannelCredentials.SecureSsl, CallCredentials.Compose(Token("auth-a"), Token("auth-b"))));

        await new Steered.SteeredClient(channel)
            .UnaryAsync(new Note(), new CallOptions(credentials: Token("auth-c"))).ResponseAsync.Guarded();

        var service = $"https://{channel.Target}/cloudbr.rpc.tests.Steered.Unary";
        Assert.That(seen, Is.EqualTo(new[] { $"auth-a={service}", $"auth-b={service}", $"auth-c={service}" }));
    }

    [Test]
    public async Task CallCredentials_WithoutTls_AreNotSent()
    {
        var asked = false;
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
        var credentials = CallCredentials.FromInterceptor((_, _) =>
        {
            asked = true;
            return Task.CompletedTask;
        });

        await Expect.FailureAsync(
            new Steered.SteeredClient(channel).UnaryAsync(new Note(), new CallOptions(credentials: credentials)).ResponseAsync,
            StatusCode.Internal);

        Assert.That(asked, Is.False);
        Assert.That(reached, Is.False);
    }

    [Test]
    public async Task CallCredentials_WithoutTlsOnDemand_AreSent()
    {
        string? seen = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                seen = context.RequestHeaders.GetValue("auth");
                return Task.FromResult(request);
            },
        });
        using var channel = server.Channel(o => o.UnsafeUseInsecureChannelCallCredentials = true);

        await new Steered.SteeredClient(channel).UnaryAsync(new Note(), new CallOptions(credentials: Token("auth"))).ResponseAsync.Guarded();

        Assert.That(seen, Does.EndWith("Unary"));
    }

    [Test]
    public async Task CallCredentials_ThatNeverCome_DoNotOutliveTheDeadline()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var channel = server.Channel(o => o.UnsafeUseInsecureChannelCallCredentials = true);
        var never = new TaskCompletionSource();
        var options = new CallOptions(
            deadline: DateTime.UtcNow.AddMilliseconds(100), credentials: CallCredentials.FromInterceptor((_, _) => never.Task));

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note(), options).ResponseAsync, StatusCode.DeadlineExceeded);
    }

    [Test]
    public void ChannelCredentials_ThatDoNotFitTheAddress_AreRefused()
    {
        Assert.That(
            () => GrpcChannel.ForAddress("http://host", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }),
            Throws.InvalidOperationException);
        Assert.That(
            () => GrpcChannel.ForAddress("https://host", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }),
            Throws.InvalidOperationException);
    }

    private static CallCredentials Token(string key) => CallCredentials.FromInterceptor((context, metadata) =>
    {
        metadata.Add(key, $"{context.ServiceUrl}.{context.MethodName}");
        return Task.CompletedTask;
    });

    private static GrpcChannel Channel(TestServer server, SslClientAuthenticationOptions tls, Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = tls }, DisposeHttpClient = true };
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(server.Address, options);
    }

    private Task<TestServer> StartAsync(Handlers handlers, ClientCertificateMode mode) => TestServer.StartAsync(new ServerSetup
    {
        Handlers = handlers,
        Listen = listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = _authority.Issue("server", "localhost");
            https.ClientCertificateMode = mode;
            https.ClientCertificateValidation = (certificate, _, _) => _authority.Signed(certificate);
        }),
    });
}
