using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>A real libvirt guest that lies, on a network of ours.</summary>
[TestFixture, MachineOnly]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan, Feature.Tun, Feature.Ipset, Feature.ConntrackZones)]
public sealed class LibvirtTests
{
    private const string Own = "02:00:4c:00:00:05 10.1.0.5";
    private const string Mac = "02:00:4c:00:00:05";

    /// <summary>Lies with another's MAC and address, then with the other's address alone, and then asks as itself, until it is answered.</summary>
    private const string Script = """
        #!ipxe
        set net0/netmask 255.255.255.0
        :again
        set net0/ip 10.1.0.99
        set net0/mac 02:00:4c:00:00:63
        ifopen net0
        imgfetch --timeout 100 tftp://10.1.0.6/a ||
        imgfetch --timeout 100 tftp://10.1.0.255/a ||
        ifclose net0
        clear net0/mac
        ifopen net0
        imgfetch --timeout 100 tftp://10.1.0.6/b ||
        imgfetch --timeout 100 tftp://10.1.0.255/b ||
        ifclose net0
        set net0/ip 10.1.0.5
        ifopen net0
        imgfetch --timeout 1000 tftp://10.1.0.6/c || goto again
        sleep 600
        """;

    [Test]
    public async Task ARealGuest_IsGuardedFromItsFirstFrame()
    {
        using var scene = new Scene();
        using var server = new FileServer(scene.Friend.Namespace);
        using var heard = FrameCapture.Start(scene.Friend.Namespace, "eth0");
        using var guest = scene.StartGuest();

        Assert.That(await server.AskedFor(), Is.EqualTo("c"), "it is answered as itself");
        Assert.That(FramesUntil(heard, f => f.UdpDestination == 69).Where(IsFromGuest).Select(Claim).Distinct(), Is.EqualTo((string[])[Own]));
        Ping.UntilAnswered(scene.Friend.Namespace, "10.1.0.5", LibvirtGuest.Limit);
        Assert.That(scene.Stranger.Ping("10.1.0.5").Received, Is.Zero, "who may not");
        Assert.That(await scene.AttachedAsync("guest"), Is.EqualTo("vnet2"));
    }

    [Test]
    public async Task ARealGuest_OfWhichTheAgentHasNotHeardYet_GetsNothingThrough()
    {
        using var scene = new Scene();
        using var server = new FileServer(scene.Friend.Namespace);
        using var heard = FrameCapture.Start(scene.Friend.Namespace, "eth0");
        using var blind = new Blindness(scene.Agent);
        using var guest = scene.StartGuest();
        await guest.WaitUntilItRunsAsync();
        using (var said = FrameCapture.Start(scene.Host, "vnet2"))
        {
            // All that it has to say, between two that are the same.
            Next(said, IsOwn);
            Next(said, f => !IsOwn(f));
            Next(said, IsOwn);
        }

        Assert.That(scene.Stranger.Ping("10.1.0.6").Received, Is.EqualTo(3), "the wire to the friend works");
        // Where the kernel does not know frames by their bridge, a device that nobody knows is nobody's until it is known.
        bool IsClosed(Frame frame) => frame.EtherType != Frame.Arp || scene.Agent.Tools.Driver.MatchesBridges();
        Assert.That(FramesUntil(heard, f => f.Source == "10.1.0.7"), Has.None.Matches((Frame? f) => IsFromGuest(f!) && IsClosed(f!)));

        blind.End();
        Assert.That(await server.AskedFor(), Is.EqualTo("c"), "it is answered as itself");
        Assert.That(FramesUntil(heard, f => f.UdpDestination == 69).Where(f => IsFromGuest(f) && IsClosed(f)).Select(Claim).Distinct(), Is.EqualTo((string[])[Own]));
    }

    private const string Bridge = "brvx-501";

    private static readonly Network Secured = AgentHostScene.Vxlan(501, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), guestMtu: 1400) with
    {
        Security = new NetworkSecurity([]),
    };

    private static Frame Next(FrameCapture capture, Func<Frame, bool> isIt) => capture.Next("the guest", isIt, LibvirtGuest.Limit);

    private static List<Frame> FramesUntil(FrameCapture capture, Func<Frame, bool> isLast)
    {
        var frames = new List<Frame>();
        do
        {
            frames.Add(capture.Next("any frame", _ => true));
        }
        while (!isLast(frames[^1]));
        return frames;
    }

    private static bool IsFromGuest(Frame frame) => frame.SourceMac is Mac or "02:00:4c:00:00:63" || Claim(frame).EndsWith(" 10.1.0.99", StringComparison.Ordinal);

    private static bool IsOwn(Frame frame) => Claim(frame) == Own;

    /// <summary>Who it says that it is from.</summary>
    private static string Claim(Frame frame) =>
        $"{frame.SourceMac} {(frame.EtherType == Frame.Arp ? new IPAddress(frame.Bytes.AsSpan(28, 4)).ToString() : frame.Source)}";

    /// <summary>Has the agent take in nothing that the kernel reports, until it may.</summary>
    private sealed class Blindness : IDisposable
    {
        private readonly AgentHostScene _agent;
        private readonly TaskCompletionSource _over = new();

        public Blindness(AgentHostScene agent)
        {
            _agent = agent;
            agent.BeforeFollow = _over.Task.Wait;
        }

        public void End()
        {
            _agent.BeforeFollow = null;
            _over.TrySetResult();
        }

        public void Dispose() => End();
    }

    /// <summary>A TFTP server with one file, that is empty.</summary>
    private sealed class FileServer : IDisposable
    {
        private static readonly byte[] LastBlock = [0, 3, 0, 1];
        private readonly UdpClient _socket;

        public FileServer(NetNamespace where) => _socket = where.Run(() => new UdpClient(69, AddressFamily.InterNetwork));

        /// <summary>Gives it to the first one who asks, and says what for.</summary>
        public async Task<string> AskedFor()
        {
            using var limit = new CancellationTokenSource(LibvirtGuest.Limit);
            var request = await _socket.ReceiveAsync(limit.Token);
            await _socket.SendAsync(LastBlock, request.RemoteEndPoint, limit.Token);
            return Encoding.ASCII.GetString(request.Buffer.AsSpan(2)).Split('\0')[0];
        }

        public void Dispose() => _socket.Dispose();
    }

    /// <summary>A host with an agent, on whose network the guest is awaited by one who may reach it and one who may not.</summary>
    private sealed class Scene : SilentObserver, IDisposable
    {
        private readonly TwoHosts _hosts = TwoHosts.Create();
        private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _attached = new();

        public Scene()
        {
            Agent = new AgentHostScene(Host, drift: DriftMode.Heal, observer: this);
            Expect.Applied(Agent.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Secured)));
            Prepare("guest", 5, new SecurityRule { Protocol = RuleProtocol.Icmp, Cidrs = [IpPrefix.Parse("10.1.0.6")] });
            Prepare("friend", 6, new SecurityRule { Protocol = RuleProtocol.All, Cidrs = [IpPrefix.Parse("10.1.0.0/24")] });
            Prepare("stranger", 7);
            Friend = _hosts.First.AddGuest(["10.1.0.6/24"], Bridge, 1400, "02:00:4c:00:00:06");
            Stranger = _hosts.First.AddGuest(["10.1.0.7/24"], Bridge, 1400, "02:00:4c:00:00:07");
            Agent.WaitUntil("both are there", v => v.Desired.Ports.Values.Count(p => p.Presence == PortPresence.Attached) == 2 && v.Desired.Filter!.IsSameAs(v.State.Filter));
        }

        public NetNamespace Host => _hosts.First.Namespace;

        public AgentHostScene Agent { get; }

        public Guest Friend { get; }

        public Guest Stranger { get; }

        public LibvirtGuest StartGuest() => new(Host, Bridge, Mac, Script);

        /// <summary>With which device it was told to be there.</summary>
        public Task<string> AttachedAsync(string nicId) => Attached(nicId).Task.WaitAsync(LibvirtGuest.Limit);

        public override void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed)
        {
            if (now.Presence == PortPresence.Attached)
            {
                Attached(now.Port.NicId).TrySetResult(now.Device);
            }
        }

        public void Dispose()
        {
            Agent.Dispose();
            _hosts.Dispose();
        }

        private TaskCompletionSource<string> Attached(string nicId) => _attached.GetOrAdd(nicId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        private void Prepare(string id, int number, params IEnumerable<SecurityRule> ingress) =>
            Expect.Applied(Agent.Prepare(FilterScene.Port(id, Secured.Id, number) with { Security = new PortSecurity { Ingress = [.. ingress] } }));
    }
}
