using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>The host's kernel settings, each in the namespace that the agent works in.</summary>
[TestFixture, MachineOnly]
public sealed class SettingsTests
{
    public static IEnumerable<TestCaseData> PerNamespace() =>
    [
        new("net/ipv4/ip_forward", new HostSettings { IpForward = true }, new HostSettings { IpForward = false }, "1", "0"),
        new("net/ipv6/conf/all/forwarding", new HostSettings { Ipv6Forward = true }, new HostSettings { Ipv6Forward = false }, "1", "0"),
        new("net/ipv4/igmp_max_memberships", new HostSettings { IgmpMaxMemberships = 77 }, new HostSettings { IgmpMaxMemberships = 78 }, "77", "78"),
        new("net/bridge/bridge-nf-call-iptables", new HostSettings { BridgeNfCallIptables = false }, new HostSettings { BridgeNfCallIptables = true }, "0", "1"),
        new("net/bridge/bridge-nf-call-ip6tables", new HostSettings { BridgeNfCallIp6tables = false }, new HostSettings { BridgeNfCallIp6tables = true }, "0", "1"),
        new("net/bridge/bridge-nf-call-arptables", new HostSettings { BridgeNfCallArptables = false }, new HostSettings { BridgeNfCallArptables = true }, "0", "1"),
    ];

    [TestCaseSource(nameof(PerNamespace))]
    public void Setting_IsWrittenReadBackAndItsFirstValueKept(string path, HostSettings first, HostSettings second, string one, string two)
    {
        using var network = NetNamespace.Create();
        var name = path.Replace('/', '.');
        if (Read(network, path) is not { } was)
        {
            AssertMissing(network, name, first);
            return;
        }

        using var host = new AgentHostScene(network);
        Expect.Applied(host.Apply(With(was == one ? second : first)));
        Expect.Applied(host.Apply(With(was == one ? first : second)));

        Assert.That(Read(network, path), Is.EqualTo(was == one ? one : two));
        Assert.That(host.View.State.Setting(name), Is.EqualTo(Read(network, path)));
        Assert.That(host.View.PreviousSettings, Is.EqualTo(new Dictionary<string, string> { [name] = was }));
        Expect.Unchanged(host.Apply(With(was == one ? first : second)));

        network.Exec("sysctl", "-qw", $"{path}={(was == one ? two : one)}");
        Expect.Applied(host.Apply(With(was == one ? first : second)));
        Assert.That(Read(network, path), Is.EqualTo(was == one ? one : two));
        Assert.That(host.View.PreviousSettings[name], Is.EqualTo(was));

        // What is no longer asked for is left as it is.
        Expect.Unchanged(host.Apply(HostConfig.Empty));
        Assert.That(Read(network, path), Is.EqualTo(was == one ? one : two));
    }

    [Test]
    public void Settings_OfAChangeThatFails_AreRestored()
    {
        using var network = NetNamespace.Create();
        using var host = new AgentHostScene(network);
        var config = With(new HostSettings { IpForward = true, Ipv6Forward = true, IgmpMaxMemberships = 99 }) with
        {
            ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null),
        };
        string?[] before = [Read(network, "net/ipv4/ip_forward"), Read(network, "net/ipv6/conf/all/forwarding"), Read(network, "net/ipv4/igmp_max_memberships")];
        host.SpoilStep = 3;

        Expect.Undone(host.Apply(config), "NOT_SUPPORTED");

        string?[] after = [Read(network, "net/ipv4/ip_forward"), Read(network, "net/ipv6/conf/all/forwarding"), Read(network, "net/ipv4/igmp_max_memberships")];
        Assert.That(after, Is.EqualTo(before));
        Assert.That(host.View.PreviousSettings, Is.Empty);
        Expect.AppliedForGood(host, () => host.Apply(config));
        Assert.That(Read(network, "net/ipv4/igmp_max_memberships"), Is.EqualTo("99"));
    }

    /// <summary>Neighbour tables are the machine's, and no namespace but the first has these settings.</summary>
    [Test]
    [MachineOnly]
    public void Setting_ThatThisNamespaceLacks_IsToldByNameAndNothingIsWritten()
    {
        using var network = NetNamespace.Create();
        Assert.That(Read(network, "net/ipv4/neigh/default/gc_thresh1"), Is.Null);

        AssertMissing(network, "net.ipv4.neigh.default.gc_thresh1", new HostSettings { Ipv4Neighbours = new NeighbourThresholds(1024, null, null) });
    }

    [Test]
    [MachineOnly]
    public void BridgeSettings_WithoutTheModule_AreToldWithTheModulesName([Values("iptables", "ip6tables", "arptables")] string tool)
    {
        using var network = NetNamespace.Create();
        var settings = tool switch
        {
            "iptables" => new HostSettings { BridgeNfCallIptables = true },
            "ip6tables" => new HostSettings { BridgeNfCallIp6tables = true },
            _ => new HostSettings { BridgeNfCallArptables = true },
        };

        AssertMissing(network, $"net.bridge.bridge-nf-call-{tool}", settings);
    }

    private static void AssertMissing(NetNamespace network, string name, HostSettings settings)
    {
        using var host = new AgentHostScene(network);
        host.HideSettings = hidden => hidden == name;
        var forward = Read(network, "net/ipv4/ip_forward");

        var failure = Expect.Undone(host.Apply(With(settings with { IpForward = forward == "0" })), "NO_SUCH_SETTING");

        Assert.That(failure.Message, Is.EqualTo($"this kernel has no setting {name}"));
        Assert.That(failure.Remedy, name.StartsWith("net.bridge.", StringComparison.Ordinal)
            ? Does.Contain("br_netfilter")
            : Does.Not.Contain("br_netfilter"));
        Assert.That(Read(network, "net/ipv4/ip_forward"), Is.EqualTo(forward));
    }

    private static HostConfig With(HostSettings settings) => HostConfig.Empty with { Settings = settings };

    private static string? Read(NetNamespace network, string path) => network.Run(() =>
        File.Exists($"/proc/sys/{path}") ? File.ReadAllText($"/proc/sys/{path}").Trim() : null);
}
