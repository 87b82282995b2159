using System.Net;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Kernel.Tests.Filtering;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A namespace as a host, with the agent's dataplane at work in it.</summary>
internal sealed class AgentHostScene : IDisposable
{
    private readonly CountingKernel _kernel;
    private readonly ReconcileLoop _loop;
    private int _requests;

    /// <param name="host">The host.</param>
    /// <param name="hostname">Its name.</param>
    /// <param name="drift">Unless a test is about it, what somebody else changes is only seen, and stays for the test to look at.</param>
    /// <param name="observer">Whom the dataplane tells what it does.</param>
    /// <param name="journal">What a former life left.</param>
    /// <param name="hasZones">What is taken for the kernel's connection tracking zones; null: those that it has.</param>
    /// <param name="shapedBy">By what ports are held to a rate; null: as this kernel is asked first.</param>
    public AgentHostScene(
        NetNamespace host,
        string hostname = "kvm-01",
        DriftMode drift = DriftMode.Observe,
        IDataplaneObserver? observer = null,
        IJournal? journal = null,
        Func<bool>? hasZones = null,
        ShapingMeans? shapedBy = null)
    {
        Host = host;
        var kernel = LinuxKernel.Open(host.Handle);
        _kernel = new CountingKernel(kernel);
        Tools = new FilterTools(host);
        var designer = new FilterDesigner(agentPort: 9600, Tools.Driver.MatchesBridges, hasZones ?? Tools.Driver.HasZones);
        _loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = hostname,
            Kernel = new FilteringKernel(_kernel, Tools.Driver, FilteringKernel.Listen(kernel, host.Handle), LegacyWatch.Open(FilterTools.Installed, host.Handle), TimeProvider.System),
            Connections = new ConnectionKeeper(
                (family, isSo) =>
                {
                    using var connections = ConnectionSocket.Open(host.Handle);
                    connections.Forget(family, isSo);
                },
                designer.ZoneOf),
            Filter = designer,
            FindProblems = new FilterProblems(designer, Tools.OtherBackend, TimeProvider.System).Find,
            Providers = shapedBy is { } means
                ? [.. NetworkProbe.Run(hostname).Select(p => new LinuxBridgeProvider(p.Description with { ShapedBy = means }, hostname))]
                : NetworkProbe.Run(hostname),
            Journal = journal ?? new MemoryJournal(),
            History = new MemoryHistory(),
            Observer = observer ?? new SilentObserver(),
            Drift = new DriftPolicy { Mode = drift },
        });
    }

    public NetNamespace Host { get; }

    /// <summary>The host's tools, with what was started.</summary>
    public FilterTools Tools { get; }

    public DataplaneView View => _loop.View;

    /// <summary>Requests to the kernel that change something, so far.</summary>
    public long Writes => _kernel.Writes;

    /// <summary>Refuses the step with this number, from 0, of the next change instead of writing it.</summary>
    public int? RefuseStep
    {
        set => _kernel.RefuseStep = value;
    }

    /// <summary>
    /// Has the kernel itself refuse the step with this number of the next change, among the steps that are sent together with it.
    /// </summary>
    public int? SpoilStep
    {
        set => _kernel.SpoilStep = value;
    }

    /// <summary>What somebody else does once, after the next change was planned and before it is applied.</summary>
    public Action BeforeApply
    {
        set => _kernel.BeforeApply = value;
    }

    /// <summary>What happens on the loop's thread each time before it takes in the kernel's reports.</summary>
    public Action? BeforeFollow
    {
        set => _kernel.BeforeFollow = value;
    }

    /// <summary>Settings that this kernel is to be without.</summary>
    public Func<string, bool> HideSettings
    {
        set => _kernel.HideSettings = value;
    }

    /// <summary>How often reports were lost and everything was read anew.</summary>
    public int ReadAnew => _kernel.ReadAnew;

    /// <summary>Waits until the view is so, looking again whenever the loop took in what the kernel reported.</summary>
    public void WaitUntil(string what, Func<DataplaneView, bool> condition)
    {
        if (!_kernel.WaitUntil(() => condition(View), KernelEvents.DefaultLimit))
        {
            throw new TimeoutException($"{what}: the view did not show it");
        }
    }

    public PhysicalCheck Check(PhysicalNetwork asked) => _loop.Check([asked])[0];

    public ChangeReport Resync() => Change(new Resync());

    public ChangeReport Apply(HostConfig config, bool allowDisruption = false) =>
        Change(new ReplaceConfig(config, ReplaceConfig.AllSections), allowDisruption);

    public ChangeReport Implement(Network network, bool allowDisruption = false) => Change(new PutNetwork(network), allowDisruption);

    public ChangeReport Prepare(Port port, bool allowDisruption = false) => Change(new PutPort(port, []), allowDisruption);

    public ChangeReport Release(string nicId) => Change(new RemovePort(nicId));

    public ChangeReport Shutdown(string id, bool allowDisruption = false) => Change(new RemoveNetwork(id), allowDisruption);

    public ChangeReport Change(ConfigEdit edit, bool allowDisruption = false, bool dryRun = false, TimeSpan? confirmWithin = null) => _loop
        .ChangeAsync(
            new ChangeOptions($"request-{++_requests}") { AllowDisruption = allowDisruption, DryRun = dryRun, ConfirmWithin = confirmWithin }, edit, CancellationToken.None)
        .GetAwaiter().GetResult().Report;

    /// <summary>Asks for a change and does not wait for it.</summary>
    public async Task<ChangeReport> ChangeAsync(ConfigEdit edit) =>
        (await _loop.ChangeAsync(new ChangeOptions($"request-{++_requests}"), edit, CancellationToken.None)).Report;

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

    /// <summary>A label that the agent brings about: a bridge with the uplink in it.</summary>
    public static PhysicalNetwork Manage(string label, string uplink = "eth0", int? mtu = null) => CheckOnly(label) with
    {
        Mode = PhysicalNetworkMode.Manage,
        Uplink = uplink,
        Mtu = mtu,
    };

    /// <summary>With more physical networks than one.</summary>
    public static HostConfig Config(IEnumerable<PhysicalNetwork> physical, params IEnumerable<Network> networks) => HostConfig.Empty with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.AddRange(physical.Select(p => KeyValuePair.Create(p.Label, p))),
        Networks = HostConfig.Empty.Networks.AddRange(networks.Select(n => KeyValuePair.Create(n.Id, n))),
    };
}
