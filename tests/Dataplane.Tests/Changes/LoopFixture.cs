using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>A reconcile loop on a kernel in memory with one uplink.</summary>
internal abstract class LoopFixture
{
    protected FakeKernel Kernel { get; private set; } = null!;

    protected ReconcileLoop Loop { get; private set; } = null!;

    protected Recorder Seen { get; private set; } = null!;

    [SetUp]
    public void Start()
    {
        var host = new MemoryHost();
        host.PutForeign(new Link { Index = 2, Name = "eth0", Mtu = 1600, Up = true, Carrier = true, Mac = MacAddress.Parse("02:00:00:00:00:01") });
        host.PutForeign("eth0", new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24")));
        host.PutSetting("net.ipv4.ip_forward", "0");
        StartOn(host);
    }

    /// <summary>The agent again, on the same host.</summary>
    protected void Restart()
    {
        Loop.Dispose();
        StartOn(Kernel.Host);
    }

    private void StartOn(MemoryHost host)
    {
        (Kernel, Seen) = (new FakeKernel(host), new Recorder());
        Loop = ReconcileLoop.Start(
            "kvm-01", Kernel, [new LinuxBridgeProvider(Everything, "kvm-01")], Seen, TimeProvider.System);
    }

    [TearDown]
    public void Stop() => Loop.Dispose();

    protected static HostConfig Config(params IEnumerable<int> vnis) => HostConfig.Empty with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add("eth0", new PhysicalNetwork { Label = "eth0", TrafficTypes = [TrafficType.Guest] }),
        Networks = HostConfig.Empty.Networks.AddRange(vnis.Select(v => KeyValuePair.Create($"n{v}", Vxlan(v)))),
    };

    protected static Network Vxlan(int vni) => new()
    {
        Id = $"n{vni}",
        PhysicalNetwork = "eth0",
        Isolation = new VxlanIsolation(vni, null, null, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), null),
    };

    protected ChangeReport Apply(HostConfig config, ChangeOptions? options = null) =>
        Change(new ReplaceConfig(config, ReplaceConfig.AllSections), options);

    protected ChangeReport Change(ConfigEdit edit, ChangeOptions? options = null) =>
        Loop.ChangeAsync(options ?? new ChangeOptions("r"), edit, CancellationToken.None).GetAwaiter().GetResult().Report;

    private static Provider Everything => new()
    {
        Name = LinuxBridgeProvider.Name,
        Isolations = Enum.GetValues<IsolationKind>().ToValueList(),
    };

    /// <summary>What the observer was told.</summary>
    internal sealed class Recorder : IDataplaneObserver
    {
        private readonly TaskCompletionSource<Failure> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<ChangeReport> Reports { get; } = [];

        public Task<Failure> KernelFailure => _failed.Task;

        public void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit) => Reports.Add(report);

        public void ReadAnew(int links, TimeSpan duration)
        {
        }

        public void KernelFailed(Failure failure) => _failed.TrySetResult(failure);
    }
}
