using Cloudbr.Agent.Interop.Cases;
using Cloudbr.Agent.Interop.Peers;

namespace Cloudbr.Agent.Interop;

public enum ClientKind
{
    Grpcio,
    GrpcJs,
}

/// <summary>Clients that are not ours against our server. What they cannot do is said in their programs, case by case.</summary>
[TestFixture(ClientKind.Grpcio, Transport.Tcp)]
[TestFixture(ClientKind.Grpcio, Transport.Tls)]
[TestFixture(ClientKind.Grpcio, Transport.MutualTls)]
[TestFixture(ClientKind.Grpcio, Transport.Unix)]
[TestFixture(ClientKind.GrpcJs, Transport.Tcp)]
[TestFixture(ClientKind.GrpcJs, Transport.Tls)]
[TestFixture(ClientKind.GrpcJs, Transport.MutualTls)]
[TestFixture(ClientKind.GrpcJs, Transport.Unix)]
internal sealed class ForeignClientTests(ClientKind client, Transport transport)
{
    private ForeignClient _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var server = await Servers.GetAsync(ServerKind.Ours, transport);
        _client = client == ClientKind.Grpcio ? Grpcio.Client(server.Address) : GrpcJs.Client(server.Address);
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }

    [TestCaseSource(typeof(Case), nameof(Case.Names))]
    [CancelAfter(60_000)]
    public async Task Case_Passes(string name, CancellationToken cancellationToken)
    {
        var result = await _client.ResultAsync(name, cancellationToken);
        Assert.That(result.Ok, Is.True, result.Error);
    }
}
