using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cloudbr.Agent.Lab.Service;

/// <summary>
/// What the installed service, as the user that it has and with the rights that its unit leaves it, does to a host's network; and what
/// its restarts do not do.
/// </summary>
public partial class NetworkTests
{
    private const string Config = """
        {
          "physicalNetworks": [
            { "label": "cloudbr0", "mode": "PHYSICAL_NETWORK_MODE_MANAGE", "uplink": "up0", "trafficTypes": ["TRAFFIC_TYPE_GUEST"] }
          ],
          "networks": [
            { "id": "blue", "physicalNetwork": "cloudbr0", "vlan": { "vid": 42 } },
            { "id": "red", "physicalNetwork": "cloudbr0", "vxlan": { "vni": 101, "multicast": {} } }
          ],
          "controlNetwork": {},
          "settings": {
            "ipForward": true, "ipv6Forward": true, "bridgeNfCallIptables": false, "bridgeNfCallIp6tables": false,
            "bridgeNfCallArptables": false, "ipv4Neighbours": { "gcThresh1": 4096, "gcThresh2": 8192, "gcThresh3": 16384 },
            "ipv6Neighbours": { "gcThresh1": 4096, "gcThresh2": 8192, "gcThresh3": 16384 }, "igmpMaxMemberships": 5000
          }
        }
        """;

    /// <summary>An uplink that leads nowhere, and room for the tunnel's headers in it.</summary>
    private const string LayUplink =
        "ip link show up0 >/dev/null 2>&1 || ip link add name up0 mtu 1600 type veth peer name wire0 mtu 1600 && ip address add 192.0.2.1/24 dev up0 && ip link set wire0 up && ip link set up0 up";

    private AgentGuest _guest = null!;

    [OneTimeSetUp]
    public async Task Boot() => _guest = await AgentGuest.BootAsync();

    [OneTimeTearDown]
    public async Task End()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }
    }

    /// <summary>A host with an uplink and a serving agent that was told nothing.</summary>
    [SetUp]
    public async Task Begin()
    {
        if (await _guest.PropertyAsync("LoadState") != "loaded")
        {
            await _guest.InstallAsync();
        }

        await ShellAsync($"{LayUplink}; modprobe br_netfilter && systemctl start cloudbr-agent");
        Assert.That(Outcome(await ApplyAsync("{}")), Is.EqualTo("CHANGE_OUTCOME_APPLIED").Or.EqualTo("CHANGE_OUTCOME_UNCHANGED"));
    }

    [Test]
    public async Task Apply_SettingOfAModuleThatIsNotLoaded_IsRefusedWithTheWayOut()
    {
        await ShellAsync("modprobe --remove br_netfilter");
        var answer = await ApplyAsync();
        Assert.That(answer.GetProperty("refused").GetString(), Is.EqualTo("FAILED_PRECONDITION"));
        Assert.That(
            answer.GetProperty("details").GetString(),
            Does.Contain("net.bridge.bridge-nf-call-iptables").And.Contain("load the module br_netfilter"));
        Assert.That(await ShellAsync("ip -brief link show type bridge"), Is.Empty, "nothing was made");
    }

    [Test]
    public async Task Apply_ByTheServicesOwnUser_MakesDevicesAndWritesEverySetting()
    {
        var answer = await ApplyAsync();
        Assert.That(Outcome(answer), Is.EqualTo("CHANGE_OUTCOME_APPLIED"));
        Assert.That(answer.GetProperty("networks").GetProperty("blue").GetString(), Is.EqualTo("brup0-42"));
        Assert.That(answer.GetProperty("networks").GetProperty("red").GetString(), Is.EqualTo("brvx-101"));

        var links = await LinksAsync();
        Assert.That(links["up0"].Master, Is.EqualTo("cloudbr0"));
        Assert.That(links["up0.42"], Is.EqualTo(links["up0.42"] with { Kind = "vlan", Master = "brup0-42", Alias = "cloudbr:network:blue", Up = true }));
        Assert.That(links["vxlan101"], Is.EqualTo(links["vxlan101"] with { Kind = "vxlan", Master = "brvx-101", Alias = "cloudbr:network:red", Up = true }));
        Assert.That(links["cloud0"], Is.EqualTo(links["cloud0"] with { Kind = "bridge", Up = true }));
        foreach (var device in new[] { "up0.42", "brup0-42", "vxlan101", "brvx-101" })
        {
            Assert.That(await SysctlAsync($"net.ipv6.conf.{device.Replace('.', '/')}.disable_ipv6"), Is.EqualTo("1"), device);
        }

        string[] written =
        [
            "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.bridge.bridge-nf-call-iptables=0",
            "net.bridge.bridge-nf-call-ip6tables=0", "net.bridge.bridge-nf-call-arptables=0", "net.ipv4.neigh.default.gc_thresh1=4096",
            "net.ipv4.neigh.default.gc_thresh2=8192", "net.ipv4.neigh.default.gc_thresh3=16384", "net.ipv6.neigh.default.gc_thresh1=4096",
            "net.ipv6.neigh.default.gc_thresh2=8192", "net.ipv6.neigh.default.gc_thresh3=16384", "net.ipv4.igmp_max_memberships=5000",
        ];
        foreach (var setting in written)
        {
            var (name, value) = (setting.Split('=')[0], setting.Split('=')[1]);
            Assert.That(await SysctlAsync(name), Is.EqualTo(value), name);
        }
    }

    [Test]
    public async Task RestartUpgradeAndKill_LeaveDevicesAndARunningPing_AndTheSameAgainIsUnchanged()
    {
        Assert.That(Outcome(await ApplyAsync()), Is.EqualTo("CHANGE_OUTCOME_APPLIED"));
        await ShellAsync(
            """
            for n in 1 2; do
                ip netns add guest$n && ip link add name vnet$n type veth peer name eth0 netns guest$n &&
                ip link set vnet$n master brvx-101 && ip link set vnet$n up &&
                ip -n guest$n address add 10.0.0.$n/24 dev eth0 && ip -n guest$n link set eth0 up || exit
            done
            ip netns exec guest1 ping -n -i 0.05 10.0.0.2 >/root/ping 2>&1 </dev/null &
            until grep -q time= /root/ping; do sleep 0.1; done
            """);
        var before = await LinksAsync();

        (await _guest.Machine.RunAsync(["systemctl", "restart", "cloudbr-agent"])).EnsureSuccess();
        Assert.That(Outcome(await ApplyAsync()), Is.EqualTo("CHANGE_OUTCOME_UNCHANGED"), "after a restart");
        Assert.That(await LinksAsync(), Is.EqualTo(before), "after a restart");

        await _guest.InstallAsync();
        Assert.That(Outcome(await ApplyAsync()), Is.EqualTo("CHANGE_OUTCOME_UNCHANGED"), "after an upgrade");
        Assert.That(await LinksAsync(), Is.EqualTo(before), "after an upgrade");

        await _guest.KillAsync();
        Assert.That(Outcome(await ApplyAsync()), Is.EqualTo("CHANGE_OUTCOME_UNCHANGED"), "after kill -9");
        Assert.That(await LinksAsync(), Is.EqualTo(before), "after kill -9");

        await ShellAsync("pkill -INT --exact ping; while pgrep --exact ping >/dev/null; do sleep 0.1; done");
        var answered = Answer().Matches(await ShellAsync("cat /root/ping"))
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        Assert.That(answered, Is.EqualTo(Enumerable.Range(1, answered.Count)), "every echo request was answered, in order");
        Assert.That(answered, Has.Count.GreaterThan(20));
        await ShellAsync("ip netns delete guest1; ip netns delete guest2");
    }

    [Test]
    public async Task ModulesAndSettingsOfThePackage_AreInEffect_FromTheInstallationOnAndAfterAReboot()
    {
        string[] modules = ["bridge", "8021q", "vxlan", "sch_tbf", "sch_ingress", "cls_u32", "act_police"];
        await _guest.Machine.RebootAsync();
        Assert.That(await ModulesAsync(), Is.SupersetOf(modules), "after a reboot");
        Assert.That(await SysctlAsync("net.ipv4.igmp_max_memberships"), Is.EqualTo("16384"), "after a reboot");
        Assert.That(await SysctlAsync("net.core.optmem_max"), Is.EqualTo("1048576"), "after a reboot");

        // Anew on a host that has nothing of it.
        await ShellAsync("dpkg --purge cloudbr-agent && modprobe --remove 8021q vxlan act_police && sysctl -w net.ipv4.igmp_max_memberships=20 net.core.optmem_max=20480");
        Assert.That(await ModulesAsync(), Has.None.EqualTo("8021q").And.None.EqualTo("vxlan").And.None.EqualTo("act_police"));
        await _guest.InstallAsync();
        Assert.That(await ModulesAsync(), Is.SupersetOf(modules), "after the installation");
        Assert.That(await SysctlAsync("net.ipv4.igmp_max_memberships"), Is.EqualTo("16384"), "after the installation");
        Assert.That(await SysctlAsync("net.core.optmem_max"), Is.EqualTo("1048576"), "after the installation");
    }

    private async Task<JsonElement> ApplyAsync(string config = Config) => (await _guest.ClientAsync("apply", config)).Single();

    private static string? Outcome(JsonElement answer) =>
        answer.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : answer.ToString();

    private async Task<string> ShellAsync(string script) => (await _guest.Machine.ShellAsync(script)).EnsureSuccess().Output;

    private async Task<string> SysctlAsync(string name) => (await ShellAsync($"sysctl --values '{name}'")).Trim();

    private async Task<IReadOnlyList<string>> ModulesAsync() =>
        [.. (await ShellAsync("cat /proc/modules")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])];

    private async Task<Dictionary<string, Device>> LinksAsync()
    {
        using var json = JsonDocument.Parse(await ShellAsync("ip -json -details link"));
        return json.RootElement.EnumerateArray().Select(Device.Read).ToDictionary(d => d.Name);
    }

    [GeneratedRegex(@"icmp_seq=(\d+).* time=")]
    private static partial Regex Answer();

    /// <summary>What stays the same of a device that nobody touches. The index is another one if it was made again.</summary>
    private sealed record Device(string Name, int Index, string Kind, string Master, string Alias, string Mac, int Mtu, bool Up)
    {
        public static Device Read(JsonElement link) => new(
            Text(link, "ifname"),
            link.GetProperty("ifindex").GetInt32(),
            link.TryGetProperty("linkinfo", out var info) ? Text(info, "info_kind") : "",
            Text(link, "master"),
            Text(link, "ifalias"),
            Text(link, "address"),
            link.GetProperty("mtu").GetInt32(),
            link.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "UP"));

        private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString()! : "";
    }
}
