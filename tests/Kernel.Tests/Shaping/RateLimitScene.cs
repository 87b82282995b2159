using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Kernel.Tests.Shaping;

/// <summary>A host with one network, a port with a rate limit, its guest, and what `tc` shows of it.</summary>
/// <param name="means">By what ports are held to a rate; null: as this kernel is asked first.</param>
internal abstract partial class RateLimitScene(ShapingMeans? means)
{
    protected const string Bridge = "brvx-501";

    private static readonly Network Network = AgentHostScene.Vxlan(501, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), guestMtu: 1400);

    protected static readonly HostConfig Config = AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Network);

    /// <summary>What leads from the guest, where something does.</summary>
    protected static readonly string Ifb = KernelNames.Ifb("nic-a").Name;

    protected static readonly Port Limited = new()
    {
        NicId = "nic-a",
        Network = Network.Id,
        Mac = MacAddress.Parse("02:00:4c:00:00:05"),
        RateLimit = Mbit(10, 20),
    };

    private TwoHosts _hosts = null!;

    protected ShapingMeans? Means => means;

    /// <summary>Whom the dataplane tells what it does.</summary>
    protected Recorder Seen { get; } = new();

    protected Host Host => _hosts.First;

    protected Guest Guest { get; set; } = null!;

    [SetUp]
    public void Begin() => _hosts = TwoHosts.Create();

    [TearDown]
    public void End() => _hosts.Dispose();

    protected static RateLimit Mbit(int toGuest, int fromGuest) => new(new Rate(toGuest * 1_000_000L, null), new Rate(fromGuest * 1_000_000L, null));

    protected AgentHostScene Start(MemoryJournal? journal = null)
    {
        var agent = new AgentHostScene(Host.Namespace, drift: DriftMode.Heal, observer: Seen, journal: journal, shapedBy: means);
        Expect.Applied(agent.Apply(Config));
        return agent;
    }

    protected void AddGuest() => AddGuestDevice(Bridge);

    protected void AddGuestDevice(string? bridge) => Guest = Host.AddGuest(["10.1.0.5/24"], bridge, 1400, "02:00:4c:00:00:05");

    protected LinkShaping Has(AgentHostScene agent) => agent.View.State.Shaping(agent.View.State.Find(Guest.Device)!.Index);

    protected bool IsAsDesired(HostState state) =>
        state.Find(Guest.Device) is { } link && state.Shaping(link.Index) is { Egress: not null, Ingress: not null };

    protected (string Kind, string Handle, long Rate) Root(string device)
    {
        using var shown = JsonDocument.Parse(Tc($"-j qdisc show dev {device} root"));
        var root = shown.RootElement[0];
        return (root.GetProperty("kind").GetString()!, root.GetProperty("handle").GetString()!, root.GetProperty("options").GetProperty("rate").GetInt64());
    }

    /// <summary>Devices, queueing disciplines and filters, without the numbers that the kernel gives to actions.</summary>
    protected string Shown() => string.Concat(
        string.Join('\n', Host.Namespace.Exec("ip", "-br", "link").Output.Split('\n').Select(l => l.Split(' ')[0]).Order(StringComparer.Ordinal)),
        Tc("qdisc show"),
        Number().Replace(Host.Namespace.TryExec(["tc", "filter", "show", "dev", "vnet0", "parent", "ffff:"]).Output, ""));

    [GeneratedRegex("(?<=index |police )\\w+")]
    private static partial Regex Number();

    protected string Tc(string arguments) => Host.Namespace.Exec(["tc", .. arguments.Split(' ')]).Output;

    protected sealed class Recorder : SilentObserver
    {
        private readonly TaskCompletionSource<Resumption> _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<Drift> Drifts { get; } = [];

        public Task<Resumption> Resumption => _resumed.Task;

        public override void Drifted(Drift drift) => Drifts.Enqueue(drift);

        public override void Resumed(Resumption resumption) => _resumed.TrySetResult(resumption);
    }
}
