using System.Security.Cryptography.X509Certificates;
using Cloudbr.Agent.Interop.Cases;
using Cloudbr.Agent.Interop.Peers;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop;

/// <summary>That the certificates in the other tests are really looked at.</summary>
[TestFixture(ServerKind.Ours)]
[TestFixture(ServerKind.Grpcio)]
internal sealed class TlsTests(ServerKind server)
{
    [Test]
    public async Task MutualTls_ServerKnowsTheClientByName()
    {
        var running = await Servers.GetAsync(server, Transport.MutualTls);
        using var channel = OurClient.Open(running.Address);
        var response = await Client(channel).UnaryCallAsync(new SimpleRequest { FillUsername = true }, OurClient.Options());
        Assert.That(response.Username, Is.EqualTo(TestCertificates.ClientName));
    }

    [Test]
    public async Task MutualTls_ClientOfAStranger_IsRefused()
    {
        var running = await Servers.GetAsync(server, Transport.MutualTls);
        using var certificate =
            X509Certificate2.CreateFromPemFile(TestCertificates.StrangersClient, TestCertificates.StrangersClientKey);
        using var channel = OurClient.Open(
            running.Address, OurClient.Handler(running.Address, TestCertificates.Ca, certificate));
        await AssertUnavailableAsync(channel);
    }

    [Test]
    public async Task MutualTls_ClientWithoutCertificate_IsRefused()
    {
        var running = await Servers.GetAsync(server, Transport.MutualTls);
        var asOneWay = running.Address with { Transport = Transport.Tls };
        using var channel = OurClient.Open(asOneWay);
        await AssertUnavailableAsync(channel);
    }

    [Test]
    public async Task Tls_ServerOfAStranger_IsNotTrusted()
    {
        var running = await Servers.GetAsync(server, Transport.Tls);
        using var channel = OurClient.Open(running.Address, OurClient.Handler(running.Address, TestCertificates.StrangerCa));
        await AssertUnavailableAsync(channel);
    }

    private static TestService.TestServiceClient Client(GrpcChannel channel) => new(channel);

    private static Task AssertUnavailableAsync(GrpcChannel channel) =>
        Message.AssertStatusAsync(
            () => Client(channel).EmptyCallAsync(new Empty(), OurClient.Options()).ResponseAsync, StatusCode.Unavailable);
}
