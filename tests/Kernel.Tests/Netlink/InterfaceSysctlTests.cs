using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Sysctl;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Bridge)]
public class InterfaceSysctlTests
{
    // A dot in a name is what dotted sysctl names cannot say.
    [TestCase("br0")]
    [TestCase("br0.100")]
    public void SetIpv6Off_SwitchesItOffAndOn(string device)
    {
        using var host = NetNamespace.Create();
        using var socket = host.Run(RouteSocket.Open);
        host.Exec("ip", "link", "add", "name", device, "type", "bridge");
        var name = $"net/ipv6/conf/{device}/disable_ipv6";

        Assert.That(host.Run(() => InterfaceSysctl.SetIpv6Off(device, off: true)), Is.Null);
        Assert.That(host.Run(() => SysctlTree.Read(name)), Is.EqualTo("1"));
        Assert.That(socket.ReadLink(device)!.Ipv6Off, Is.True);

        Assert.That(host.Run(() => InterfaceSysctl.SetIpv6Off(device, off: false)), Is.Null);
        Assert.That(socket.ReadLink(device)!.Ipv6Off, Is.False);

        host.Run(() => SysctlTree.Write(name, "1"));
        Assert.That(socket.ReadLink(device)!.Ipv6Off, Is.True);
    }

    [Test]
    public void SetIpv6Off_OfNoDevice_IsNotFound()
    {
        using var host = NetNamespace.Create();

        var refusal = host.Run(() => InterfaceSysctl.SetIpv6Off("nonesuch", off: true))!;

        Assert.That(refusal.IsNotFound, Is.True, () => refusal.ToString());
        Assert.That(refusal.ToString(), Is.EqualTo("sysctl disable_ipv6 nonesuch: ENOENT (No such file or directory)"));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("a/b")]
    [TestCase("sixteen-letters!")]
    [TestCase("ääääääää")]
    public void SetIpv6Off_OfWhatIsNoName_IsRefused(string device) =>
        Assert.That(() => InterfaceSysctl.SetIpv6Off(device, off: true), Throws.ArgumentException.With.Message.Contains("is no name"));

    [Test]
    public void Write_OfAValueTheKernelDoesNotTake_SaysWhich()
    {
        using var host = NetNamespace.Create();

        Assert.That(
            () => host.Run(() => SysctlTree.Write("net.ipv4.ip_forward", "many")),
            Throws.TypeOf<IOException>().With.Message.StartsWith("sysctl net.ipv4.ip_forward=many: "));
        Assert.That(
            () => host.Run(() => SysctlTree.Write("net.ipv4.nonesuch", "1")),
            Throws.TypeOf<IOException>().With.Message.StartsWith("sysctl net.ipv4.nonesuch=1: "));
    }
}
