using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>When an IPv6 address is answered to: not when the kernel acknowledges it.</summary>
[MachineOnly, Needs(Feature.Bridge)]
public sealed class Ipv6ArrivalTests
{
    private static readonly IpPrefix Address = new(IPAddress.Parse("2001:db8::5"), 64);

    private NetNamespace _host = null!;
    private RouteSocket _socket = null!;
    private RouteMonitor _monitor = null!;
    private Ipv6Arrival _arrival = null!;
    private int _link;
    private IReadOnlyList<(int Link, IPAddress Address)>? _missing;

    [SetUp]
    public void Open()
    {
        _host = NetNamespace.Create();
        _host.Exec("ip", "link", "add", "name", "br", "up", "type", "bridge");
        _socket = _host.Run(RouteSocket.Open);
        _monitor = _host.Run(RouteMonitor.Open);
        _arrival = new Ipv6Arrival(_socket, new KernelNews(_monitor));
        _link = _socket.ReadLinks(["br"])[0]!.Index;
    }

    [TearDown]
    public void Close()
    {
        _monitor.Dispose();
        _socket.Dispose();
        _host.Dispose();
    }

    [Test]
    public void Address_OnItsWay_IsWaitedForUntilTheKernelReportsIt()
    {
        _arrival.Expect(_link, Address);
        using var adding = _host.Start("sh", "-c", "cat; ip address add 2001:db8::5/64 dev br");
        var waiting = new Thread(() => _missing = _arrival.Await(TimeSpan.FromMinutes(1)));
        waiting.Start();

        adding.CloseInput();
        waiting.Join();

        Assert.That(_missing, Is.Empty);
        Assert.That(_host.Exec("ip", "-6", "route", "show", "table", "local").Output, Does.Contain("local 2001:db8::5 dev br"));
    }

    [Test]
    public void Address_ThatArrivedUnheard_IsNotWaitedFor()
    {
        _host.Exec("ip", "address", "add", "2001:db8::5/64", "dev", "br", "nodad");
        _host.WaitUntil("the route", () => _host.Exec("ip", "-6", "route", "show", "table", "local").Output.Contains("2001:db8::5", StringComparison.Ordinal));
        _monitor.Drain([]);
        _arrival.Expect(_link, Address);

        Assert.That(_arrival.Await(TimeSpan.FromMinutes(1)), Is.Empty);
    }

    [Test]
    public void Address_ThatNeverComes_IsNamed()
    {
        _arrival.Expect(_link, Address);

        Assert.That(_arrival.Await(TimeSpan.FromMilliseconds(50)), Is.EqualTo([(_link, Address.Address)]));
        Assert.That(_arrival.Await(TimeSpan.FromMilliseconds(50)), Is.Empty, "expected no more");
    }

}
