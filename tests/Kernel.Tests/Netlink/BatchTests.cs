using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Bridge, Feature.Vxlan)]
public class BatchTests
{
    [Test]
    public void Send_OfAThousandWithSomeThatFail_PutsEachRefusalAtItsPosition()
    {
        using var host = NetNamespace.Create();
        using var socket = host.Run(RouteSocket.Open);
        var batch = socket.NewBatch();
        var vxlan = socket.Make(new()
        {
            Name = "vx", Kind = LinkKind.Vxlan, Alias = "", Mtu = 0, Vxlan = new VxlanSettings(7, 4789, null, null, 0, Learning: false),
        }).Index;
        for (var i = 0; i < 1000; i++)
        {
            var entry = new ForwardingEntry(i % 7 == 3 ? 9999 : vxlan, default, new IPAddress([10, 0, (byte)(i >> 8), (byte)i]));
            Assert.That(batch.AddForwarding(entry, append: true), Is.EqualTo(i));
        }

        Assert.That(batch.Count, Is.EqualTo(1000));

        var refusals = batch.Send();

        Assert.That(refusals, Has.Count.EqualTo(1000));
        for (var i = 0; i < 1000; i++)
        {
            Assert.That(refusals[i]?.Errno, i % 7 == 3 ? Is.EqualTo(19) : Is.Null, $"position {i}");
        }

        Assert.That(refusals[3]!.Object, Is.EqualTo("00:00:00:00:00:00 at 10.0.0.3 link 9999"));
        Assert.That(batch.Count, Is.Zero);
        Assert.That(socket.ReadForwarding(vxlan), Has.Count.EqualTo(1000 - 143));
        Assert.That(batch.Send(), Is.Empty, "what was sent is not sent again");
    }

    [Test]
    public void Send_OfChangesWithSeveralMessages_KeepsPositions()
    {
        using var host = NetNamespace.Create();
        using var socket = host.Run(RouteSocket.Open);
        var spec = new LinkSpec { Name = "br", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 };
        var link = socket.Make(spec);
        var batch = socket.NewBatch();
        batch.ChangeLink(link.Index, new() { Mtu = 1400, PinMtu = true }, 0, "bridge");
        batch.ChangeLink(link.Index, new() { Port = new(true, true) }, 0, "bridge");
        batch.ChangeLink(link.Index, new(), 0, "bridge");
        batch.ChangeLink(9999, new() { Mtu = 1400, PinMtu = true, Alias = "x" }, 0, "bridge");
        batch.CreateLink(spec, 0, 0);
        batch.DeleteLink(link.Index);

        var refusals = batch.Send();

        Assert.That(refusals[0], Is.Null);
        Assert.That(refusals[1]!.IsNotSupported, Is.True, "it is no member of anything");
        Assert.That(refusals[2], Is.Null, "nothing to do");
        Assert.That(refusals[3]!.ToString(), Does.StartWith("setlink link 9999: ENODEV (No such device)"));
        Assert.That(refusals[4]!.IsAlreadyThere, Is.True);
        Assert.That(refusals[5], Is.Null);
    }

    [Test]
    public void Writes_CountWhatWasSent_AndReadingIsNone()
    {
        using var host = NetNamespace.Create();
        using var socket = host.Run(RouteSocket.Open);
        socket.ReadLinks();
        socket.ReadRoutes();
        socket.ReadLink("lo");
        Assert.That(socket.Writes, Is.Zero);

        socket.Make(new() { Name = "br", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 });

        Assert.That(socket.Writes, Is.EqualTo(1));
    }

    [Test]
    public void Batch_WithALargeRouteInIt_GrowsItsBuffer()
    {
        using var host = NetNamespace.Create();
        using var socket = host.Run(RouteSocket.Open);
        var batch = socket.NewBatch();
        var names = Enumerable.Range(0, 400).Select(i => $"br{i}").ToList();
        foreach (var name in names)
        {
            batch.CreateLink(new() { Name = name, Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 }, 0, 0);
        }

        Assert.That(batch.Send(), Is.All.Null);
        Assert.That(socket.ReadLinks(names).Select(l => l?.Name), Is.EqualTo(names));

        foreach (var link in socket.ReadLinks(names))
        {
            batch.ChangeLink(link!.Index, new() { Alias = new string('a', 250), Mac = MacAddress.Parse("02:00:00:00:00:01") }, 0, "bridge");
        }

        Assert.That(batch.Send(), Is.All.Null);
        Assert.That(socket.ReadLinks().Where(l => l.Kind == "bridge").Select(l => l.Alias.Length), Is.All.EqualTo(250));
    }

    [Test]
    public void Socket_OfAnotherNamespace_WorksThere()
    {
        using var host = NetNamespace.Create();
        using var handle = File.OpenHandle(host.Path);
        using var socket = RouteSocket.Open(handle);

        socket.Make(new() { Name = "br-inside", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 });

        Assert.That(host.TryExec(["ip", "link", "show", "dev", "br-inside"]).Succeeded, Is.True);
        Assert.That(Directory.Exists("/sys/class/net/br-inside"), Is.False, "this namespace is untouched");
    }

    [Test]
    public void Socket_OfWhatIsNoNamespace_SaysSo()
    {
        using var handle = File.OpenHandle("/dev/null");

        Assert.That(
            () => RouteSocket.Open(handle),
            Throws.TypeOf<NetlinkException>().With.Message.EqualTo("setns network namespace: EINVAL (Invalid argument)"));
    }
}
