using Cloudbr.Agent.Interop.Peers;

[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(3)]

namespace Cloudbr.Agent.Interop;

/// <summary>What the whole run needs once: certificates, Python stubs, node modules; and the end of all it started.</summary>
[SetUpFixture]
internal sealed class TestRun
{
    [OneTimeSetUp]
    public async Task PrepareAsync()
    {
        TestCertificates.Write();
        await Task.WhenAll(Grpcio.GenerateStubsAsync(), GrpcJs.InstallAsync());
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await Servers.StopAllAsync();
        Workspace.DeleteTemporary();
    }
}
