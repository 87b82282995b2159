using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Bonding, Feature.Bridge)]
public class BondingTests
{
    [Test]
    public void ActiveBackup_WhenTheActiveMemberGoesDown_CarriesOnTheOther()
    {
        using var host = NetNamespace.Create();
        using var peer = NetNamespace.Create();
        peer.Exec("ip", "link", "add", "name", "switch", "type", "bridge");
        peer.Exec("ip", "address", "add", "10.0.0.2/24", "dev", "switch");
        peer.Exec("ip", "link", "set", "switch", "up");
        host.Exec("ip", "link", "add", "name", "bond0", "type", "bond", "mode", "active-backup", "miimon", "10");
        string[] members = ["m0", "m1"];
        foreach (var member in members)
        {
            host.Exec("ip", "link", "add", "name", member, "type", "veth", "peer", "name", member, "netns", peer.Path);
            peer.Exec("ip", "link", "set", member, "master", "switch", "up");
            host.Exec("ip", "link", "set", member, "master", "bond0");
        }

        host.Exec("ip", "address", "add", "10.0.0.1/24", "dev", "bond0");
        host.Exec("ip", "link", "set", "bond0", "up");
        host.WaitUntil("m0 is active", () => ActiveMember(host) == "m0");
        Assert.That(Ping.From(host, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));

        peer.Exec("ip", "link", "set", "m0", "down");

        host.WaitUntil("m1 is active", () => ActiveMember(host) == "m1");
        Assert.That(Ping.From(host, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));
    }

    private static string ActiveMember(NetNamespace host)
    {
        var words = host.Exec("ip", "-details", "link", "show", "dev", "bond0").Output.Split([' ', '\n']);
        var at = Array.IndexOf(words, "active_slave");
        return at < 0 ? "" : words[at + 1];
    }
}
