namespace Cloudbr.Agent.Lab.Service;

/// <summary>The package installed on a Debian of its own: the service lives as systemd, operators and callers expect.</summary>
public class ServiceTests
{
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

    [SetUp]
    public async Task Serve()
    {
        if (await _guest.PropertyAsync("LoadState") != "loaded")
        {
            await _guest.InstallAsync();
        }

        (await _guest.Machine.RunAsync(["systemctl", "start", "cloudbr-agent"])).EnsureSuccess();
    }

    [Test]
    public async Task Install_StartsAndEnablesTheService_WhichNotifiesSystemd()
    {
        Assert.That(await _guest.PropertyAsync("ActiveState"), Is.EqualTo("active"));
        Assert.That(await _guest.PropertyAsync("UnitFileState"), Is.EqualTo("enabled"));
        Assert.That(await _guest.PropertyAsync("Type"), Is.EqualTo("notify"));
        Assert.That(await _guest.PropertyAsync("StatusText"), Does.StartWith("serving"));
    }

    [Test]
    public async Task Service_RunsAsItsOwnUser_WithTwoCapabilitiesAndNoMore()
    {
        var pid = await _guest.PropertyAsync("MainPID");
        Assert.That((await _guest.Machine.RunAsync(["stat", "--format=%U", $"/proc/{pid}"])).Output, Is.EqualTo("cloudbr-agent\n"));

        // CAP_NET_ADMIN is bit 12, CAP_NET_RAW bit 13.
        var status = (await _guest.Machine.RunAsync(["cat", $"/proc/{pid}/status"])).Output;
        Assert.That(status, Does.Contain("CapEff:\t0000000000003000\n").And.Contain("CapBnd:\t0000000000003000\n"));
    }

    [Test]
    public async Task Journal_HasTheAgentsLines_WithFieldsToSelectBy()
    {
        (await _guest.Machine.RunAsync(["journalctl", "--sync"])).EnsureSuccess();
        var journal = await _guest.Machine.RunAsync(
            ["journalctl", "--unit=cloudbr-agent", "CLOUDBR_EVENT_ID=2001", "--output=verbose", "--no-pager"]);
        Assert.That(
            journal.Output,
            Does.Contain("serves on http://unix:/run/cloudbr-agent/agent.sock")
                .And.Contain("CLOUDBR_GENERATION=0").And.Contain("PRIORITY=6"));
    }

    [Test]
    public async Task Grpcio_OverTheUnixSocket_FindsItServingAndCapable()
    {
        var found = (await _guest.ClientAsync("capabilities")).Single();
        Assert.That(found.GetProperty("health").GetString(), Is.EqualTo("SERVING"));
        Assert.That(found.GetProperty("kernel").GetString(), Does.StartWith("6.1."));
        Assert.That(found.GetProperty("tools").GetProperty("iptables").GetString(), Does.StartWith("1.8"));
    }

    [Test]
    public async Task Grpcio_WatchingHeartbeats_GetsOneAnIntervalWithoutHoles()
    {
        var beats = await _guest.ClientAsync("watch", "3");
        var boot = (await _guest.Machine.RunAsync(["cat", "/proc/sys/kernel/random/boot_id"])).Output.Trim();

        Assert.That(beats.Select(b => b.GetProperty("sequence").GetInt32()), Is.EqualTo([1, 2, 3]));
        Assert.That(beats.Select(b => b.GetProperty("boot").GetString()), Is.All.EqualTo(boot));
        Assert.That(beats.Select(b => b.GetProperty("interval").GetInt64()), Is.All.EqualTo(1_000_000_000));
        Assert.That(beats.Select(b => b.GetProperty("generation").GetInt32()), Is.All.Zero);
        foreach (var clock in new[] { "monotonic", "wall", "uptime" })
        {
            Assert.That(beats.Select(b => b.GetProperty(clock).GetInt64()), Is.Ordered.Ascending.And.All.Positive, clock);
        }
    }

    [Test]
    public async Task Cloudbrctl_OnTheHost_TellsStatusCapabilitiesAndHeartbeats()
    {
        var status = await _guest.Machine.RunAsync(["cloudbrctl", "status"]);
        Assert.That(status.ExitCode, Is.Zero, status.ToString);
        Assert.That(status.Output, Does.Contain("serving").And.Contain("SERVING"));

        var capabilities = await _guest.Machine.RunAsync(["cloudbrctl", "capabilities"]);
        Assert.That(capabilities.Output, Does.Contain("iptables").And.Contain("cloudbr.agent.v1.Telemetry/Watch"), capabilities.ToString);

        var watch = await _guest.Machine.RunAsync(["cloudbrctl", "watch", "--topic", "heartbeat", "--count", "3"]);
        Assert.That(watch.Output.Split('\n'), Has.Exactly(2).Contains("heartbeat"), watch.ToString);
    }

    [Test]
    public async Task Cloudbrctl_ForSomebodyOutsideTheGroup_IsRefused_AndForAMemberNot()
    {
        (await _guest.Machine.RunAsync(["useradd", "--groups", "cloudbr-agent", "operator1"])).EnsureSuccess();
        try
        {
            var member = await _guest.Machine.RunAsync(["setpriv", "--reuid=operator1", "--regid=operator1", "--init-groups", "cloudbrctl", "status"]);
            Assert.That(member.ExitCode, Is.Zero, member.ToString);
            var nobody = await _guest.Machine.RunAsync(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "cloudbrctl", "status"]);
            Assert.That(nobody.ExitCode, Is.EqualTo(3), nobody.ToString);
        }
        finally
        {
            (await _guest.Machine.RunAsync(["userdel", "operator1"])).EnsureSuccess();
        }
    }

    [Test]
    public async Task Stop_WithAStreamOpen_DrainsItAndExitsZero_WithinTheTwoSecondsThatSystemdGrants()
    {
        // systemd itself holds the watch: what has not ended after this time it kills, and says so in Result.
        const string Limit = "/run/systemd/system/cloudbr-agent.service.d/limit.conf";
        (await _guest.Machine.ShellAsync(
            $"mkdir -p $(dirname {Limit}) && printf '[Service]\\nTimeoutStopSec=2\\n' > {Limit} && systemctl daemon-reload")).EnsureSuccess();
        try
        {
            var watching = _guest.Machine.ShellAsync(
                "mkfifo /root/beats; PYTHONPATH=/root/stubs python3 /root/agent_client.py watch 1000 > /root/beats");

            // The first heartbeat says that the stream is open; then the stop comes while it is read on.
            var stopped = await _guest.Machine.ShellAsync(
                "until [ -p /root/beats ]; do sleep 0.1; done; exec < /root/beats; read first; systemctl stop cloudbr-agent; echo stop=$?; tail -n 1");
            await watching;

            Assert.That(stopped.Output, Does.Contain("stop=0").And.Contain("\"ended\": \"UNAVAILABLE\""));
            Assert.That(await _guest.PropertyAsync("Result"), Is.EqualTo("success"));
            Assert.That(await _guest.PropertyAsync("ExecMainStatus"), Is.EqualTo("0"));
            var journal = await _guest.Machine.JournalAsync("cloudbr-agent");
            Assert.That(journal, Does.Contain("cloudbr-agent has stopped"));
        }
        finally
        {
            (await _guest.Machine.ShellAsync($"rm -f /root/beats {Limit}; systemctl daemon-reload")).EnsureSuccess();
        }
    }

    [Test]
    public async Task Kill9_IsFollowedByARestart_ThatServesOnTheSameSocket()
    {
        var before = await InstanceAsync();
        await _guest.KillAsync();
        Assert.That(await InstanceAsync(), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task StopAndStart_LeaveLinksAddressesAndRulesAsTheyWere()
    {
        // All but the bridge's timers, which run.
        const string Snapshot =
            "ip -json -details link | sed -E 's/_timer\":[0-9.]+/_timer\":/g'; ip -json address; ip -json route; iptables-save; ebtables-save";

        // Without an IPv6 address of its own, which would be tentative for a while.
        (await _guest.Machine.ShellAsync(
            "ip link add name lab0 type bridge; ip link set lab0 addrgenmode none; ip address add 192.0.2.1/24 dev lab0; ip link set lab0 up"))
            .EnsureSuccess();
        try
        {
            var before = (await _guest.Machine.ShellAsync(Snapshot)).Output;
            (await _guest.Machine.RunAsync(["systemctl", "stop", "cloudbr-agent"])).EnsureSuccess();
            var stopped = (await _guest.Machine.ShellAsync(Snapshot)).Output;
            (await _guest.Machine.RunAsync(["systemctl", "start", "cloudbr-agent"])).EnsureSuccess();

            Assert.That(before, Does.Contain("lab0"));
            Assert.That(stopped, Is.EqualTo(before));
            Assert.That((await _guest.Machine.ShellAsync(Snapshot)).Output, Is.EqualTo(before));
        }
        finally
        {
            (await _guest.Machine.RunAsync(["ip", "link", "delete", "lab0"])).EnsureSuccess();
        }
    }

    [Test]
    public async Task MisspeltSetting_KeepsItFromStarting_AndTheJournalSaysWhich()
    {
        (await _guest.Machine.ShellAsync(
            "cp -p /etc/cloudbr-agent/agent.conf /root/; echo 'sokcet = /tmp/x' >> /etc/cloudbr-agent/agent.conf")).EnsureSuccess();
        try
        {
            var restart = await _guest.Machine.RunAsync(["systemctl", "restart", "cloudbr-agent"]);
            Assert.That(restart.ExitCode, Is.Not.Zero);
            Assert.That(await _guest.PropertyAsync("ExecMainStatus"), Is.EqualTo("78"));
            Assert.That(await _guest.PropertyAsync("ActiveState"), Is.EqualTo("failed"), "it is not tried again and again");
            (await _guest.Machine.RunAsync(["journalctl", "--sync"])).EnsureSuccess();
            Assert.That(await _guest.Machine.JournalAsync("cloudbr-agent"), Does.Contain("'agent.sokcet' is no setting of this agent"));
        }
        finally
        {
            (await _guest.Machine.ShellAsync(
                "cp -p /root/agent.conf /etc/cloudbr-agent/; systemctl stop cloudbr-agent; systemctl reset-failed cloudbr-agent; true")).EnsureSuccess();
        }
    }

    [Test]
    public async Task Upgrade_RestartsARunningAgent_AndLeavesAStoppedOneStopped()
    {
        var before = await InstanceAsync();
        await _guest.InstallAsync();
        Assert.That(await InstanceAsync(), Is.Not.EqualTo(before));

        (await _guest.Machine.RunAsync(["systemctl", "stop", "cloudbr-agent"])).EnsureSuccess();
        await _guest.InstallAsync();
        Assert.That(await _guest.PropertyAsync("ActiveState"), Is.EqualTo("inactive"));
    }

    [Test]
    public async Task RemoveAndPurge_StopTheService_AndLeaveNothing()
    {
        (await _guest.Machine.RunAsync(["dpkg", "--remove", "cloudbr-agent"])).EnsureSuccess();
        Assert.That((await _guest.Machine.RunAsync(["pgrep", "--exact", "cloudbr-agent"])).ExitCode, Is.EqualTo(1), "no process is left");
        Assert.That((await _guest.Machine.RunAsync(["ls", "/etc/cloudbr-agent/agent.conf"])).ExitCode, Is.Zero, "settings outlive a removal");

        await _guest.InstallAsync();
        Assert.That(await _guest.PropertyAsync("ActiveState"), Is.EqualTo("active"), "it starts when it is installed again");
        Assert.That(await _guest.PropertyAsync("UnitFileState"), Is.EqualTo("enabled"));

        (await _guest.Machine.RunAsync(["dpkg", "--purge", "cloudbr-agent"])).EnsureSuccess();
        var left = await _guest.Machine.ShellAsync(
            "ls -d /etc/cloudbr-agent /var/lib/cloudbr-agent /usr/lib/cloudbr-agent /usr/bin/cloudbrctl /usr/sbin/cloudbr-agent /run/cloudbr-agent 2>/dev/null");
        Assert.That(left.Output, Is.Empty);
    }

    private async Task<string?> InstanceAsync() => (await _guest.ClientAsync("capabilities")).Single().GetProperty("instance").GetString();
}
