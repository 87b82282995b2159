using Cloudbr.Agent.Interop.Cases;
using Cloudbr.Agent.Interop.Peers;

namespace Cloudbr.Agent.Interop;

/// <summary>Our client against our server and against a grpcio server.</summary>
[TestFixture(ServerKind.Ours, Transport.Tcp)]
[TestFixture(ServerKind.Ours, Transport.Tls)]
[TestFixture(ServerKind.Ours, Transport.MutualTls)]
[TestFixture(ServerKind.Ours, Transport.Unix)]
[TestFixture(ServerKind.Grpcio, Transport.Tcp)]
[TestFixture(ServerKind.Grpcio, Transport.Tls)]
[TestFixture(ServerKind.Grpcio, Transport.MutualTls)]
[TestFixture(ServerKind.Grpcio, Transport.Unix)]
internal sealed class OurClientTests(ServerKind server, Transport transport)
{
    private OurClient _client = null!;

    [OneTimeSetUp]
    public async Task ConnectAsync() => _client = new OurClient(await Servers.GetAsync(server, transport));

    [OneTimeTearDown]
    public void Close() => _client?.Dispose();

    [TestCaseSource(typeof(Case), nameof(Case.Names))]
    [CancelAfter(30_000)]
    public Task Case_Passes(string name, CancellationToken cancellationToken) =>
        Case.RunAsync(name, _client).WaitAsync(cancellationToken);

    [Test]
    [CancelAfter(60_000)]
    public Task ManyLargeCalls_AtOnce_OnOneChannel_AllPass(CancellationToken cancellationToken)
    {
        // More at once than a connection usually admits, with more in flight than any flow-control window holds.
        var calls = Enumerable.Range(0, 120).Select(_ => Case.RunAsync("large_unary", _client));
        return Task.WhenAll(calls).WaitAsync(cancellationToken);
    }
}
