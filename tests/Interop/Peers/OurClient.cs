using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>Our client with a channel to one server, as the cases use it.</summary>
internal sealed class OurClient : IDisposable
{
    /// <summary>Metadata by which gRPC for .NET compresses what one call sends; it stays on this side.</summary>
    private const string EncodingRequest = "grpc-internal-encoding-request";

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(20);

    private readonly RunningServer _server;
    private readonly GrpcChannel _checking;

    public OurClient(RunningServer server)
    {
        _server = server;
        Channel = Open(server.Address);
        Service = new TestService.TestServiceClient(Channel);
        _checking = server.Checking == server.Address ? Channel : Open(server.Checking);
        Checking = new TestService.TestServiceClient(_checking);
    }

    public GrpcChannel Channel { get; }

    public TestService.TestServiceClient Service { get; }

    /// <summary>As <see cref="Service"/>, at a server that checks <c>expect_compressed</c>.</summary>
    public TestService.TestServiceClient Checking { get; }

    /// <summary>Options with a limit that no call here comes near.</summary>
    public static CallOptions Options(Metadata? headers = null, CancellationToken cancellationToken = default) =>
        new(headers, DateTime.UtcNow + CallLimit, cancellationToken);

    public static CallOptions Gzip() => Options(new Metadata { { EncodingRequest, "gzip" } });

    /// <summary>A second channel that shows which response messages came compressed.</summary>
    public (GrpcChannel Channel, FrameTap Tap) OpenTapped()
    {
        var tap = new FrameTap(Handler(_server.Address, trusted: TestCertificates.Ca));
        return (Open(_server.Address, tap), tap);
    }

    public void Dispose()
    {
        _checking.Dispose();
        Channel.Dispose();
    }

    public static GrpcChannel Open(ServerAddress address) => Open(address, Handler(address, TestCertificates.Ca));

    public static GrpcChannel Open(ServerAddress address, HttpMessageHandler handler) =>
        GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });

    /// <summary>A handler that trusts one authority and shows a certificate where the server wants one.</summary>
    public static SocketsHttpHandler Handler(ServerAddress address, string trusted, X509Certificate2? client = null)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => address.ConnectAsync(cancellationToken),
        };
        if (address.IsTls)
        {
            var trust = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(trusted));
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust };
        }

        if (address.Transport == Transport.MutualTls)
        {
            client ??= X509Certificate2.CreateFromPemFile(TestCertificates.Client, TestCertificates.ClientKey);
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => client;
        }

        return handler;
    }
}
