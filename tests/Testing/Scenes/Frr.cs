using System.Globalization;
using System.Text;
using System.Text.Json;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// FRR's zebra and bgpd of one host. They live in a PID namespace and write only to a file system of their own, so that
/// any number of them run at once under the same names, none can outlive the test, not even a killed one, and nothing is
/// left of them. When one is disposed or killed, what it put into the kernel stays there, as when a real one crashes.
/// </summary>
public sealed class Frr : IDisposable
{
    /// <summary>Sessions come up in about a second: this only ends a test that would wait for ever.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const string Ready = "zebra and bgpd serve";

    /// <summary>
    /// What process 1 does; its arguments are the two configurations. FRR keeps sockets in /run/frr, crash logs in
    /// /var/tmp/frr, and wants its user in the group frrvty. As another user than root it would lose the kernel's promise
    /// to end it, and in a user namespace there is no other user. Daemons detach when they serve. The log goes to stdout;
    /// all ends when stdin does.
    /// </summary>
    private const string Script =
        """
        set -eu
        mount -t tmpfs tmpfs /run
        mount -t tmpfs tmpfs /var/tmp
        mkdir /run/frr
        sed -E 's/^(frrvty:.*:)[^:]*$/\1root/' /etc/group >/run/group
        mount --bind /run/group /etc/group
        printf '%s\n' "$1" >/run/frr/zebra.conf
        printf '%s\n' "$2" >/run/frr/bgpd.conf
        : >/run/frr/vtysh.conf
        for daemon in zebra bgpd; do
            # FRR itself goes on without a line that it does not understand.
            ! "/usr/lib/frr/$daemon" -C -u root -g root -f "/run/frr/$daemon.conf" 2>&1 | grep ' on config line ' || exit 1
            "/usr/lib/frr/$daemon" -d -u root -g root -f "/run/frr/$daemon.conf" -A 127.0.0.1 -P 0 \
                --log "file:/run/frr/$daemon.log" --log-level info
        done
        echo zebra and bgpd serve
        tail -q -n +1 -F /run/frr/zebra.log /run/frr/bgpd.log &
        read -r _ || exit 0
        """;

    private readonly NetNamespace _host;
    private readonly RunningCommand _process;

    private Frr(NetNamespace host, RunningCommand process)
    {
        _host = host;
        _process = process;
    }

    /// <summary>Starts both daemons with these configurations and waits until they serve.</summary>
    public static async Task<Frr> StartAsync(NetNamespace host, string bgpd, string zebra = "")
    {
        var process = host.Start(
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", Script, "frr", zebra, bgpd);
        var frr = new Frr(host, process);
        try
        {
            await process.WaitForLineAsync(Ready, Limit).ConfigureAwait(false);
            return frr;
        }
        catch
        {
            frr.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A bgpd that tells these neighbours, of its own AS, of every VNI on this host. It tries again after a second, where
    /// FRR's default is two minutes, and notices within three that a neighbour died.
    /// </summary>
    public static string Evpn(string routerId, params IReadOnlyList<string> neighbours)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            router bgp 65000
             bgp router-id {routerId}
             bgp log-neighbor-changes
             no bgp default ipv4-unicast

            """);
        foreach (var neighbour in neighbours)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                 neighbor {neighbour} remote-as 65000
                 neighbor {neighbour} timers 1 3
                 neighbor {neighbour} timers connect 1

                """);
        }

        text.Append(" address-family l2vpn evpn\n");
        foreach (var neighbour in neighbours)
        {
            text.Append(CultureInfo.InvariantCulture, $"  neighbor {neighbour} activate\n");
        }

        return text.Append("  advertise-all-vni\n exit-address-family\n").ToString();
    }

    /// <summary>FRR on both hosts, as neighbours; both sessions are up when this returns.</summary>
    public static async Task<(Frr First, Frr Second)> StartEvpnAsync(TwoHosts hosts)
    {
        var both = await Task.WhenAll(hosts.Both.Select(host =>
            StartAsync(host.Namespace, Evpn(host.Ipv4, hosts.PeerOf(host).Ipv4)))).ConfigureAwait(false);
        await Task.WhenAll(
            both[0].WaitForSessionAsync(hosts.Second.Ipv4), both[1].WaitForSessionAsync(hosts.First.Ipv4)).ConfigureAwait(false);
        return (both[0], both[1]);
    }

    /// <summary>Waits until the EVPN session with this neighbour is established.</summary>
    public async Task WaitForSessionAsync(string neighbour)
    {
        while (SessionState(neighbour) != "Established")
        {
            // Comes after whatever this looked at, or lies in the queue already; then the state is looked at once more.
            await _process.WaitForLineAsync($"%ADJCHANGE: neighbor {neighbour}(", Limit).ConfigureAwait(false);
        }
    }

    /// <summary>bgpd's word for the state of the EVPN session with this neighbour, as `Established`.</summary>
    public string SessionState(string neighbour)
    {
        using var summary = ShowJson("show bgp l2vpn evpn summary json");
        return summary.RootElement.TryGetProperty("peers", out var peers) && peers.TryGetProperty(neighbour, out var peer)
            ? peer.GetProperty("state").GetString()!
            : "unknown";
    }

    /// <summary>Waits until zebra has learnt by BGP that this MAC is behind this VTEP, and has told the kernel.</summary>
    public void WaitForRemoteMac(int vni, string mac, string vtep, TimeSpan? limit = null) =>
        // zebra knows before it tells the kernel, so each event of the kernel finds zebra at least as far.
        _host.WaitUntil(
            $"{mac} of VNI {vni} is behind {vtep}", () => IsInKernel(mac, vtep) && RemoteVtep(vni, mac) == vtep, limit ?? Limit);

    /// <summary>Where zebra has learnt by BGP that this MAC is; null when it has not.</summary>
    public string? RemoteVtep(int vni, string mac)
    {
        using var entries = ShowJson($"show evpn mac vni {vni} json");
        return entries.RootElement.TryGetProperty("macs", out var macs)
            && macs.TryGetProperty(mac, out var entry)
            && entry.TryGetProperty("remoteVtep", out var vtep) ? vtep.GetString() : null;
    }

    /// <summary>What a command of vtysh says, as <c>show evpn vni</c>.</summary>
    public string Show(string command) =>
        Command.Run(
            "nsenter", $"--mount=/proc/{_process.Id}/ns/mnt", "--", "vtysh", "--config_dir", "/run/frr", "-c", command).Output;

    /// <summary>What a command of vtysh that ends with `json` says.</summary>
    public JsonDocument ShowJson(string command) => JsonDocument.Parse(Show(command));

    /// <summary>Ends both daemons as a crash would, and waits until they are gone.</summary>
    public void Kill()
    {
        // Process 1 ends, the kernel kills all others of its PID namespace, and only then `unshare` ends.
        _process.CloseInput();
        _process.WaitForExitAsync(Limit).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private bool IsInKernel(string mac, string vtep)
    {
        using var entries = JsonDocument.Parse(_host.Exec("bridge", "-json", "fdb", "show").Output);
        return entries.RootElement.EnumerateArray().Any(entry =>
            entry.GetProperty("mac").GetString() == mac
            && entry.TryGetProperty("dst", out var destination) && destination.GetString() == vtep);
    }
}
