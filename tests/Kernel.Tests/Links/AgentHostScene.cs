using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A namespace as a host, with the agent's dataplane at work in it.</summary>
internal sealed class AgentHostScene : IDisposable
{
    private readonly CountingKernel _kernel;
    private readonly ReconcileLoop _loop;
    private int _requests;

    public AgentHostScene(NetNamespace host, string hostname = "kvm-01")
    {
        Host = host;
        _kernel = new CountingKernel(LinuxKernel.Open(host.Handle));
        _loop = ReconcileLoop.Start(hostname, _kernel, NetworkProbe.Run(hostname), new SilentObserver(), TimeProvider.System);
    }

    public NetNamespace Host { get; }

    public DataplaneView View => _loop.View;

    /// <summary>Requests to the kernel that change something, so far.</summary>
    public long Writes => _kernel.Writes;

    /// <summary>Refuses the step with this number, from 0, of the next change instead of writing it.</summary>
    public int? RefuseStep
    {
        set => _kernel.RefuseStep = value;
    }

    public ChangeReport Apply(HostConfig config, bool allowDisruption = false) =>
        Change(new ReplaceConfig(config, ReplaceConfig.AllSections), allowDisruption);

    public ChangeReport Implement(Network network, bool allowDisruption = false) => Change(new PutNetwork(network), allowDisruption);

    public ChangeReport Shutdown(string id, bool allowDisruption = false) => Change(new RemoveNetwork(id), allowDisruption);

    public ChangeReport Change(ConfigEdit edit, bool allowDisruption = false, bool dryRun = false) => _loop
        .ChangeAsync(
            new ChangeOptions($"request-{++_requests}") { AllowDisruption = allowDisruption, DryRun = dryRun }, edit, CancellationToken.None)
        .GetAwaiter().GetResult().Report;

    public void Dispose() => _loop.Dispose();

    public static HostConfig Config(PhysicalNetwork physical, params IEnumerable<Network> networks) => HostConfig.Empty with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add(physical.Label, physical),
        Networks = HostConfig.Empty.Networks.AddRange(networks.Select(n => KeyValuePair.Create(n.Id, n))),
    };

    public static PhysicalNetwork CheckOnly(string label) => new() { Label = label, TrafficTypes = [TrafficType.Guest] };

    public static Network Vxlan(int vni, VxlanMode mode, int? guestMtu = null, IPAddress? local = null) => new()
    {
        Id = $"net-{vni}",
        PhysicalNetwork = "eth0",
        Isolation = new VxlanIsolation(vni, null, local, mode, null),
        GuestMtu = guestMtu,
    };

    private sealed class SilentObserver : IDataplaneObserver
    {
        public void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit)
        {
        }

        public void ReadAnew(int links, TimeSpan duration)
        {
        }

        public void KernelFailed(Failure failure)
        {
        }
    }
}
