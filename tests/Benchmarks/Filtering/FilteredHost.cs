using System.Globalization;
using System.Net;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Benchmarks.Filtering;

/// <summary>A namespace with an underlay, a secured network, and the agent's reconcile loop in it.</summary>
internal sealed class FilteredHost : IDisposable
{
    private static readonly SecurityRule Web = new() { Protocol = RuleProtocol.Tcp, Ports = new PortRange(80, 90), Cidrs = [IpPrefix.Parse("203.0.113.0/24")] };

    public const string Bridge = "brvx-101";

    private static readonly Network Secured = new()
    {
        Id = "net-101",
        PhysicalNetwork = "eth0",
        Isolation = new VxlanIsolation(101, null, null, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), null),
        Security = new NetworkSecurity([]),
    };

    private readonly Underlay _underlay = new();
    private readonly ReconcileLoop _loop;
    private int _started;

    public FilteredHost()
    {
        var filter = new FilterDriver(
            (call, limit) =>
            {
                Interlocked.Increment(ref _started);
                return Tool.RunAsync(
                    new ToolCall("nsenter", [$"--net={_underlay.Host.Path}", "--", call.Name, .. call.Arguments]) { WriteInput = call.WriteInput }, limit, CancellationToken.None);
            },
            NumberNames.Protocols(File.ReadAllText("/etc/protocols")),
            NumberNames.Ethertypes(""));
        _loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = "bench",
            Kernel = FilteringKernel.Open(filter, [], TimeProvider.System, _underlay.Host.Handle),
            Providers = NetworkProbe.Run("bench"),
            Filter = new FilterDesigner(9600, filter.MatchesBridges, filter.HasZones),
            Journal = new MemoryJournal(),
            History = new MemoryHistory(),
            Observer = new SilentObserver(),
        });
    }

    public NetNamespace Namespace => _underlay.Host;

    /// <summary>How many processes were started.</summary>
    public int Started => Volatile.Read(ref _started);

    public Ruleset Wanted => _loop.View.Desired.Filter!;

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"nic-{number}");

    /// <summary>With five rules, in both families and from a group of addresses.</summary>
    public static Port Port(int number)
    {
        var everybody = (IpPrefix[])[IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")];
        return new Port
        {
            NicId = Id(number),
            Network = Secured.Id,
            Device = string.Create(CultureInfo.InvariantCulture, $"vnet{number}"),
            Mac = MacAddress.Parse($"02:00:4c:00:{number / 256:x2}:{number % 256:x2}"),
            Addresses = [IpPrefix.Parse($"10.1.{number / 256}.{number % 256}"), IpPrefix.Parse($"fd00::{number:x}")],
            Security = new PortSecurity
            {
                Ingress =
                [
                    new SecurityRule { Protocol = RuleProtocol.Tcp, Ports = new PortRange(22, 22), Cidrs = [.. everybody] },
                    new SecurityRule { Protocol = RuleProtocol.Tcp, Ports = new PortRange(443, 443), Cidrs = [.. everybody] },
                    new SecurityRule { Protocol = RuleProtocol.Udp, Ports = new PortRange(5000, 5000 + number), Cidrs = [.. everybody] },
                    new SecurityRule { Protocol = RuleProtocol.All, AddressGroups = ["members"] },
                    new SecurityRule { Protocol = new RuleProtocol(89), Cidrs = [.. everybody] },
                ],
            },
        };
    }

    /// <summary>With one rule more, that is another one each time.</summary>
    public static Port WithRule(int number, int time)
    {
        var port = Port(number);
        var rule = Web with { Ports = new PortRange(80, 90 + (time % 2)) };
        return port with { Security = port.Security! with { Ingress = [.. port.Security.Ingress.Append(rule)] } };
    }

    public static HostConfig Config(int ports) => Config(Enumerable.Range(1, ports));

    /// <summary>With ports of these numbers.</summary>
    public static HostConfig Config(IEnumerable<int> ports) => HostConfig.Empty with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add("eth0", new PhysicalNetwork { Label = "eth0", TrafficTypes = [TrafficType.Guest] }),
        Networks = HostConfig.Empty.Networks.Add(Secured.Id, Secured),
        AddressGroups = HostConfig.Empty.AddressGroups.Add(
            "members", new AddressGroup("members", [.. Enumerable.Range(1, 200).Select(i => IpPrefix.Parse($"198.51.100.{i}")), IpPrefix.Parse("2001:db8::/32")])),
        Ports = HostConfig.Empty.Ports.AddRange(ports.Select(Port).Select(p => KeyValuePair.Create(p.NicId, p))),
    };

    public void Apply(HostConfig config, ChangeOutcome expected) =>
        Check(Change(new ReplaceConfig(config, ReplaceConfig.AllSections)).GetAwaiter().GetResult(), expected);

    public void Prepare(Port port) => Check(Change(new PutPort(port, [])).GetAwaiter().GetResult(), ChangeOutcome.Applied);

    public async Task PrepareAsync(Port port) => Check(await Change(new PutPort(port, [])), ChangeOutcome.Applied);

    public void Dispose()
    {
        _loop.Dispose();
        _underlay.Dispose();
    }

    private Task<ChangeResult> Change(ConfigEdit edit) => _loop.ChangeAsync(new ChangeOptions("bench"), edit, CancellationToken.None);

    private static void Check(ChangeResult result, ChangeOutcome expected)
    {
        if (result.Report.Outcome != expected)
        {
            throw new InvalidOperationException(
                $"{result.Report.Outcome}: {string.Join("; ", result.Report.Failures.Select(f => f.Message + " " + f.Evidence).Take(3))}");
        }
    }
}
