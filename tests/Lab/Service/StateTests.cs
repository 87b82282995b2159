using System.Text.Json;

namespace Cloudbr.Agent.Lab.Service;

/// <summary>What the installed service knows outlives its process and the host's, and operators can read it.</summary>
public class StateTests
{
    /// <summary>As docs have it: git refuses to read, as root, what belongs to the service's user.</summary>
    private const string Git = "runuser -u cloudbr-agent -- git -C /var/lib/cloudbr-agent/history";

    private const string Config = """
        {
          "physicalNetworks": [
            { "label": "cloudbr0", "mode": "PHYSICAL_NETWORK_MODE_MANAGE", "uplink": "up0", "trafficTypes": ["TRAFFIC_TYPE_GUEST"] }
          ],
          "networks": [
            { "id": "blue", "physicalNetwork": "cloudbr0", "vlan": { "vid": 42 } },
            { "id": "red", "physicalNetwork": "cloudbr0", "vxlan": { "vni": 101, "multicast": {} } }
          ],
          "controlNetwork": {}
        }
        """;

    /// <summary>A cable that is there at each boot before the agent, as a host's NICs are.</summary>
    private const string LayUplink =
        """
        cat >/etc/systemd/system/uplink.service <<'END'
        [Unit]
        Before=cloudbr-agent.service
        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=ip link add name up0 mtu 1600 type veth peer name wire0 mtu 1600
        ExecStart=ip address add 192.0.2.1/24 dev up0
        ExecStart=ip link set wire0 up
        ExecStart=ip link set up0 up
        [Install]
        WantedBy=multi-user.target
        END
        systemctl daemon-reload && systemctl enable --now uplink.service
        """;

    private AgentGuest _guest = null!;

    /// <summary>Two generations: one that was confirmed, and one that was not asked to be.</summary>
    [OneTimeSetUp]
    public async Task Boot()
    {
        _guest = await AgentGuest.BootAsync();
        await ShellAsync(LayUplink);
        await _guest.InstallAsync();
        await ShellAsync($"cat >/root/host.json <<'END'\n{Config}\nEND");
        var said = (await ShellAsync("cloudbrctl apply /root/host.json --confirm-within 5m --note 'the first'")).TrimEnd('\n').Split('\n');
        Assert.That(said[^1].Trim(), Is.EqualTo("cloudbrctl confirm 1"));
        Assert.That(await ShellAsync(said[^1]), Is.EqualTo("confirmed: generation 1\n"));
        await ShellAsync("sed 's/\"vid\": 42/\"vid\": 43/' /root/host.json >/root/second.json && cloudbrctl apply /root/second.json");
    }

    [OneTimeTearDown]
    public async Task End()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }
    }

    [Test]
    public async Task Kill_TheAgentComesBackByItself_KnowsEverything_AndLeavesTheDevices()
    {
        await WaitForCommitsAsync();
        var (known, devices, instance) = (await KnownAsync(), await DevicesAsync(), await InstanceAsync());
        await _guest.KillAsync();
        Assert.That(await InstanceAsync(), Is.Not.EqualTo(instance), "it is another life");
        await WaitForCommitsAsync();
        Assert.That(await KnownAsync(), Is.EqualTo(known));
        Assert.That(await DevicesAsync(), Is.EqualTo(devices), "none was made again");
    }

    [Test]
    public async Task Reboot_TheNetworksAreMadeAgain_WithoutManagement()
    {
        await WaitForCommitsAsync();
        var known = await KnownAsync();
        await _guest.Machine.RebootAsync();
        Assert.That(await InstanceAsync(), Is.Not.Empty);

        // Its turn comes when what was there before is there again.
        Assert.That(await ShellAsync($"cloudbrctl rollback {known.Generation} --dry-run"), Is.EqualTo($"unchanged: generation {known.Generation}\n"));
        Assert.That((await DevicesAsync()).Select(d => d.Name), Is.SupersetOf(new[] { "cloudbr0", "up0.43", "brup0-43", "vxlan101", "brvx-101", "cloud0" }));
        await WaitForCommitsAsync();
        Assert.That(await KnownAsync(), Is.EqualTo(known));
    }

    [Test]
    public async Task History_IsReadableInGit_AsTheServicesUserAndNoOther()
    {
        await WaitForCommitsAsync();
        var history = JsonDocument.Parse(await ShellAsync("cloudbrctl history -o json")).RootElement.GetProperty("entries").EnumerateArray().ToList();
        Assert.That(history.Select(e => e.GetProperty("confirmation").GetString()), Is.EqualTo(new[] { "CONFIRMATION_NOT_ASKED", "CONFIRMATION_GIVEN" }));
        Assert.That(history.Select(e => e.GetProperty("note").GetString()), Is.EqualTo(new[] { "", "the first" }));
        Assert.That(history.Select(e => e.GetProperty("caller").GetString()), Is.All.EqualTo("uid=0"));

        var commits = (await ShellAsync($"{Git} log --format=%H")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(commits, Is.SupersetOf(history.Select(e => e.GetProperty("commit").GetString())));
        var changed = await ShellAsync($"{Git} log -p -1 -- networks/blue.yaml");
        Assert.That(changed, Does.Contain("-  vid: 42").And.Contain("+  vid: 43"));

        var asRoot = await _guest.Machine.ShellAsync("git -C /var/lib/cloudbr-agent/history log 2>&1");
        Assert.That(asRoot.ExitCode, Is.Not.Zero);
        Assert.That(asRoot.Output, Does.Contain("dubious ownership"));
    }

    /// <summary>git is written beside, and not waited for.</summary>
    private async Task WaitForCommitsAsync() => await ShellAsync("timeout 60 sh -c 'while cloudbrctl history -o json | grep -q \"\\\"commit\\\": \\\"\\\"\"; do :; done'");

    /// <summary>What a client is told: who asks while the agent is away waits until it is back.</summary>
    private async Task<string?> InstanceAsync() => (await _guest.ClientAsync("capabilities")).Single().GetProperty("instance").GetString();

    private async Task<(ulong Generation, string Config, string History)> KnownAsync()
    {
        var config = await ShellAsync("cloudbrctl config -o json");
        var generation = JsonDocument.Parse(config).RootElement.GetProperty("generation").GetString()!;
        return (ulong.Parse(generation, System.Globalization.CultureInfo.InvariantCulture), config, await ShellAsync("cloudbrctl history"));
    }

    /// <summary>By name and number: another number is another device.</summary>
    private async Task<IReadOnlyList<(string Name, int Index)>> DevicesAsync() =>
    [
        .. JsonDocument.Parse(await ShellAsync("ip -json link")).RootElement.EnumerateArray()
            .Select(l => (l.GetProperty("ifname").GetString()!, l.GetProperty("ifindex").GetInt32())),
    ];

    private async Task<string> ShellAsync(string script) => (await _guest.Machine.ShellAsync(script)).EnsureSuccess().Output;
}
