using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What the agent says of the host is true without anybody asking for it: it follows the kernel's reports.</summary>
[TestFixture, MachineOnly]
[Needs(Feature.Veth, Feature.Bridge)]
public sealed class ViewTests
{
    [Test]
    public void State_FollowsWhatOthersChange()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        using var host = new AgentHostScene(network);
        var eth0 = host.View.State.Find("eth0")!.Index;

        Follows("link add name br7 type bridge", s => s.Find("br7") is { Kind: "bridge", Up: false });
        Follows("link set br7 up alias theirs", s => s.Find("br7") is { Up: true, Alias: "theirs" });
        Follows("link property add dev br7 altname bridge-number-seven", s => s.Find("bridge-number-seven")?.Name == "br7");
        Follows("link set eth0 master br7", s => s.Find(eth0)?.Master == s.Find("br7")!.Index && s.Members(s.Find("br7")!.Index).Count() == 1);
        Follows("link set br7 mtu 1300", s => s.Find("br7")?.Mtu == 1300);
        Follows("link set br7 address 02:00:00:00:00:07", s => s.Find("br7")?.Mac == MacAddress.Parse("02:00:00:00:00:07"));
        Follows("address add 10.7.0.1/24 dev br7", s => Addresses(s, "br7").Contains("10.7.0.1/24"));
        Follows("route add 10.8.0.0/16 via 10.7.0.9", s => Routes(s).Contains("10.8.0.0/16"));
        Follows("address del 10.7.0.1/24 dev br7", s => !Addresses(s, "br7").Contains("10.7.0.1/24") && !Routes(s).Contains("10.8.0.0/16"));
        Follows("link set br7 down", s => s.Find("br7") is { Up: false });
        Follows("link set br7 name br8", s => s.Find("br7") is null && s.Find("br8") is not null);
        Follows("link set eth0 nomaster", s => s.Find(eth0)?.Master == 0);
        Follows("link del br8", s => s.Find("br8") is null && s.Find(eth0) is not null);
        Follows("link set eth0 down", s => s.Find(eth0) is { Up: false } && !Routes(s).Contains("192.0.2.0/24"));
        Assert.That(host.ReadAnew, Is.Zero);

        void Follows(string command, Func<HostState, bool> condition)
        {
            Assert.That(condition(host.View.State), Is.False, command);
            network.Ip(command);
            host.WaitUntil(command, view => condition(view.State));
        }
    }

    [Test, MachineOnly]
    public void Reports_MoreThanTheSocketHolds_LeadToAFreshReading()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        using var host = new AgentHostScene(network);
        using var blocked = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        host.BeforeFollow = () =>
        {
            blocked.Set();
            released.Wait();
        };
        network.Ip("link set eth0 mtu 1400");
        blocked.Wait();

        // Each line is reported with the whole device; the socket of the agent's monitor holds 16 MiB of them.
        network.Ip([
            "address add 10.7.0.1/24 dev eth0",
            .. Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"link set eth0 mtu {1400 + (i & 1)}")),
            "link add name last type bridge",
            "link set eth0 mtu 1234"]);
        host.BeforeFollow = null;
        released.Set();

        host.WaitUntil("a fresh reading", view => host.ReadAnew > 0 && view.State.Find("eth0")?.Mtu == 1234);
        Assert.That(host.ReadAnew, Is.EqualTo(1));
        Assert.That(host.View.State.Find("last"), Is.Not.Null);
        Assert.That(Addresses(host.View.State, "eth0"), Does.Contain("10.7.0.1/24"));
        network.Ip("link del last");
        host.WaitUntil("it follows from there", view => view.State.Find("last") is null);
        Assert.That(host.ReadAnew, Is.EqualTo(1));
    }

    private static List<string> Addresses(HostState state, string device) =>
        [.. state.Addresses(state.Find(device)!.Index).Select(a => a.Prefix.ToString())];

    private static List<string> Routes(HostState state) => [.. state.Routes.Select(r => r.Destination.ToString())];
}
