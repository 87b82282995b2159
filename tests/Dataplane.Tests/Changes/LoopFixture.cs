using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>A reconcile loop on a kernel in memory with one uplink.</summary>
internal abstract class LoopFixture
{
    protected FakeKernel Kernel { get; private set; } = null!;

    protected ReconcileLoop Loop { get; private set; } = null!;

    protected MemoryJournal Journal { get; private set; } = null!;

    protected MemoryHistory History { get; private set; } = null!;

    protected SetClock Clock { get; private set; } = null!;

    protected Func<string, TimeSpan?> LostSince { get; set; } = _ => null;

    /// <summary>Most tests are about what was asked for.</summary>
    protected virtual DriftPolicy Policy => new() { Mode = DriftMode.Observe };

    protected Recorder Seen { get; private set; } = null!;

    [SetUp]
    public void Start()
    {
        (Journal, History, Clock) = (new MemoryJournal(), new MemoryHistory(), new SetClock());
        LostSince = _ => null;
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

    /// <summary>The same, without what it had written down.</summary>
    protected void RestartForgetful()
    {
        Loop.Dispose();
        (Journal, History) = (new MemoryJournal(), new MemoryHistory());
        StartOn(Kernel.Host);
    }

    protected void StartOn(MemoryHost host, Action<FakeKernel>? prepare = null)
    {
        (Kernel, Seen) = (new FakeKernel(host), new Recorder());
        prepare?.Invoke(Kernel);
        Loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = "kvm-01",
            Kernel = Kernel,
            Filter = new FilterDesigner(agentPort: 9600, () => true, () => true),
            Providers = [new LinuxBridgeProvider(Everything, "kvm-01")],
            Journal = Journal,
            History = History,
            Observer = Seen,
            Time = Clock,
            Drift = Policy,
            OtherManager = device => device == "brvx-1" ? "NetworkManager" : "",
            LostSince = caller => LostSince(caller),
        });
    }

    [TearDown]
    public void Stop() => Loop.Dispose();

    /// <summary>Lets time pass, and the loop look at everything that is due then.</summary>
    protected void Pass(TimeSpan time)
    {
        Clock.Advance(time);
        Kernel.Wake();

        // The first may be answered in the round that was under way; the second comes after a whole one.
        Loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
        Loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Somebody else's doing, on the loop's thread so that it falls between two of its rounds.</summary>
    protected void Meanwhile(Action action)
    {
        Kernel.OnReadForwarding = action;
        Loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
        Kernel.OnReadForwarding = null;
    }

    /// <summary>Keeps the loop busy until it is released.</summary>
    protected Gate Hold()
    {
        var gate = new Gate();
        Kernel.OnReadForwarding = gate.Pass;
        _ = Loop.ReadForwardingAsync(CancellationToken.None);
        gate.WaitUntilReached();
        Kernel.OnReadForwarding = null;
        return gate;
    }

    /// <summary>Asks for all of these while the loop is busy, so that they wait together.</summary>
    protected async Task<IReadOnlyList<ChangeReport>> Together(IReadOnlyList<ConfigEdit> edits, Func<int, ChangeOptions>? options = null)
    {
        List<Task<ChangeResult>> waiting;
        using (var held = Hold())
        {
            waiting = [.. edits.Select((e, i) => Loop.ChangeAsync(options?.Invoke(i) ?? new ChangeOptions($"r{i}"), e, CancellationToken.None))];
            held.Release();
        }

        return [.. (await Task.WhenAll(waiting)).Select(r => r.Report)];
    }

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
        ShapedBy = ShapingMeans.Redirect,
    };

    /// <summary>Where the loop stands until it is let go.</summary>
    internal sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _reached = new();
        private readonly ManualResetEventSlim _open = new();

        public void Pass()
        {
            _reached.Set();
            _open.Wait();
        }

        public void WaitUntilReached() => _reached.Wait();

        public void Release() => _open.Set();

        public void Dispose() => Release();
    }

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

        public List<Drift> Drifts { get; } = [];

        public List<Finding> Findings { get; } = [];

        public List<(PortDesign Before, PortDesign Now, TimeSpan? Followed)> Moves { get; } = [];

        public List<Failure> JournalFailures { get; } = [];

        public Resumption? Resumption { get; private set; }

        public void Resumed(Resumption resumption) => Resumption = resumption;

        public void Drifted(Drift drift) => Drifts.Add(drift);

        public void Found(Finding finding) => Findings.Add(finding);

        public void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed) => Moves.Add((before, now, followed));

        public void JournalFailed(Failure failure) => JournalFailures.Add(failure);

        public void KernelFailed(Failure failure) => _failed.TrySetResult(failure);
    }
}
