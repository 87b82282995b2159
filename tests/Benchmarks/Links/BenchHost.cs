using System.Globalization;
using System.Net;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Testing.Fakes;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Benchmarks.Links;

/// <summary>A namespace with an underlay and the agent's reconcile loop in it.</summary>
internal sealed class BenchHost : IDisposable
{
    private const int Members = 65535;

    private readonly Underlay _underlay = new();
    private readonly ReconcileLoop _loop;
    private readonly bool _isStatic;

    public BenchHost(bool isStatic, DriftPolicy? drift = null, IDataplaneObserver? observer = null)
    {
        _isStatic = isStatic;
        _loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = "bench",
            Kernel = LinuxKernel.Open(_underlay.Host.Handle),
            Providers = NetworkProbe.Run("bench"),
            Journal = new MemoryJournal(),
            History = new MemoryHistory(),
            Observer = observer ?? new SilentObserver(),
            Drift = drift ?? DriftPolicy.Default,
        });
    }

    public SafeFileHandle Namespace => _underlay.Host.Handle;

    public HostConfig Config(int networks) => HostConfig.Empty with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add(
            "eth0", new PhysicalNetwork { Label = "eth0", TrafficTypes = [TrafficType.Guest] }),
        Settings = _isStatic ? null : new HostSettings { IgmpMaxMemberships = Members },
        Networks = HostConfig.Empty.Networks.AddRange(Enumerable.Range(1, networks).Select(Network).Select(n => KeyValuePair.Create(n.Id, n))),
    };

    public void Apply(HostConfig config, ChangeOutcome expected) =>
        Change(new ReplaceConfig(config, ReplaceConfig.AllSections), expected);

    public void Implement(int vni) => Change(new PutNetwork(Network(vni)), ChangeOutcome.Applied);

    public void Dispose()
    {
        _loop.Dispose();
        _underlay.Dispose();
    }

    private void Change(ConfigEdit edit, ChangeOutcome expected)
    {
        var report = _loop.ChangeAsync(new ChangeOptions("bench"), edit, CancellationToken.None).GetAwaiter().GetResult().Report;
        if (report.Outcome != expected)
        {
            throw new InvalidOperationException($"{report.Outcome}: {string.Join("; ", report.Failures.Select(f => f.Message + " " + f.Evidence).Take(3))}");
        }
    }

    private Network Network(int vni) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"net-{vni}"),
        PhysicalNetwork = "eth0",
        Isolation = new VxlanIsolation(
            vni, null, null, _isStatic ? new VxlanStatic([IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.3")], [], null) : new VxlanMulticast(null), null),
    };
}
