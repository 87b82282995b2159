namespace Cloudbr.Agent.Lab.Service;

/// <summary>Ports of a secured network, programmed by the installed service as the user that it has, with the legacy tools.</summary>
public class PortTests
{
    /// <summary>Untagged, for this kernel has no zones for connections.</summary>
    private const string Config = """
        {
          "physicalNetworks": [
            { "label": "cloudbr0", "mode": "PHYSICAL_NETWORK_MODE_MANAGE", "uplink": "up0", "trafficTypes": ["TRAFFIC_TYPE_GUEST"] }
          ],
          "networks": [
            { "id": "flat", "physicalNetwork": "cloudbr0", "untagged": {}, "security": { "mode": "NETWORK_SECURITY_MODE_SECURITY_GROUPS" } }
          ],
          "addressGroups": [{ "name": "friends", "members": ["192.0.2.77", "2001:db8::/32"] }],
          "ports": [
            {
              "nicId": "nic-1", "networkId": "flat", "mac": "02:00:4c:00:00:05", "addresses": ["192.0.2.5"],
              "security": { "ingress": [{ "protocol": "RULE_PROTOCOL_TCP", "ports": { "first": 22, "last": 22 }, "addressGroups": ["friends"] }] }
            }
          ]
        }
        """;

    private const string Legacy = """
        for tool in iptables ip6tables ebtables; do update-alternatives --set $tool /usr/sbin/$tool-legacy; done &&
        ip link add name up0 mtu 1600 type veth peer name wire0 mtu 1600 && ip address add 192.0.2.1/24 dev up0 &&
        ip link set wire0 up && ip link set up0 up
        """;

    private const string Saved = "iptables-save; ip6tables-save; for table in nat filter; do ebtables-save -t $table; done; ipset save";

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

    [Test]
    public async Task TheServicesOwnUser_ProgramsPorts_FollowsThem_AndARestartWritesNothing()
    {
        await ShellAsync(Legacy);
        await _guest.InstallAsync();
        await ApplyAsync(Config, "CHANGE_OUTCOME_APPLIED");
        Assert.That(await ShellAsync("cat /proc/sys/net/bridge/bridge-nf-call-*tables"), Is.EqualTo("0\n0\n0\n"), "other bridges are not filtered");

        await ShellAsync(
            """
            ip netns add guest && ip link add name vnet0 address fe:00:4c:00:00:05 type veth peer name eth0 address 02:00:4c:00:00:05 netns guest &&
            ip link set vnet0 master cloudbr0 up && ip -n guest link set eth0 up
            until iptables-save | grep -q 'physdev-in vnet0'; do sleep 0.1; done
            """);
        Assert.That(await PortsAsync(), Does.Match(@"nic-1 .*\bvnet0\b.*\battached\b"));
        var rules = await ShellAsync(Saved);
        Assert.That(rules, Does.Contain("-i vnet0").And.Contain("192.0.2.77").And.Contain("--physdev-out vnet0"));

        (await _guest.Machine.RunAsync(["systemctl", "restart", "cloudbr-agent"])).EnsureSuccess();
        await ApplyAsync(Config, "CHANGE_OUTCOME_UNCHANGED");
        Assert.That(Rules(await ShellAsync(Saved)), Is.EqualTo(Rules(rules)));
        Assert.That(await PortsAsync(), Does.Match(@"nic-1 .*\bvnet0\b.*\battached\b"));

        await ShellAsync("ip link delete vnet0");
        await ApplyAsync("{}", "CHANGE_OUTCOME_APPLIED");
        Assert.That(await ShellAsync(Saved), Does.Not.Contain("CB-"));
    }

    /// <summary>Without counters and the time.</summary>
    private static string Rules(string saved) =>
        string.Join('\n', saved.Split('\n').Where(l => !l.StartsWith('#')).Select(l => l.Split(" [")[0]));

    private async Task ApplyAsync(string config, string outcome)
    {
        var answer = (await _guest.ClientAsync("apply", config)).Single();
        Assert.That(answer.TryGetProperty("outcome", out var said) ? said.GetString() : null, Is.EqualTo(outcome), answer.ToString());
    }

    private Task<string> PortsAsync() => ShellAsync("cloudbrctl ports");

    private async Task<string> ShellAsync(string script) => (await _guest.Machine.ShellAsync(script)).EnsureSuccess().Output;
}
