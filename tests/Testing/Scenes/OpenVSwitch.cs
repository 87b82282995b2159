using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// Open vSwitch's ovsdb-server and ovs-vswitchd of one host. As <see cref="Frr"/> they live in a PID namespace and write only to
/// a file system of their own: none can outlive the test, not even a killed one, and nothing is left of them. The datapath stays
/// in the host's kernel, as when a real one crashes. Needs Feature.OpenVSwitch.
/// </summary>
public sealed class OpenVSwitch : IDisposable
{
    /// <summary>What the kernel's datapath is called, and so what holds the ports.</summary>
    public const string Datapath = "ovs-system";

    /// <summary>It serves in about a second: this only ends a test that would wait for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const string Ready = "Open vSwitch serves";

    /// <summary>
    /// What process 1 does. Database, sockets, pid files and logs are where these variables say. Daemons detach when they serve;
    /// one that does not says why in its log. All ends when stdin does.
    /// </summary>
    private const string Script =
        """
        set -eu
        mount -t tmpfs tmpfs /run
        mkdir /run/ovs
        export OVS_RUNDIR=/run/ovs OVS_DBDIR=/run/ovs OVS_LOGDIR=/run/ovs
        ovsdb-tool create /run/ovs/conf.db /usr/share/openvswitch/vswitch.ovsschema
        serve() { "$@" --detach --no-chdir --pidfile --log-file || { cat /run/ovs/*.log; exit 1; }; }
        serve ovsdb-server /run/ovs/conf.db --remote=punix:/run/ovs/db.sock
        ovs-vsctl --db=unix:/run/ovs/db.sock --no-wait init
        serve ovs-vswitchd unix:/run/ovs/db.sock
        echo Open vSwitch serves
        read -r _ || exit 0
        """;

    private readonly RunningCommand _process;

    private OpenVSwitch(RunningCommand process) => _process = process;

    /// <summary>Starts both daemons and waits until they serve.</summary>
    public static async Task<OpenVSwitch> StartAsync(NetNamespace host)
    {
        var process = host.Start("unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", Script, "ovs");
        var vswitch = new OpenVSwitch(process);
        try
        {
            await process.WaitForLineAsync(Ready, Limit).ConfigureAwait(false);
            return vswitch;
        }
        catch
        {
            vswitch.Dispose();
            throw;
        }
    }

    /// <summary>What ovs-vsctl prints for this; a change is in the kernel when this returns.</summary>
    public string Control(params IReadOnlyList<string> arguments) =>
        Command.Run([
            "nsenter", $"--mount=/proc/{_process.Id}/ns/mnt", "--", "ovs-vsctl", "--db=unix:/run/ovs/db.sock", $"--timeout={Limit.TotalSeconds:0}",
            .. arguments]).Output;

    /// <summary>Ends both daemons as a crash would, and waits until they are gone.</summary>
    public void Dispose()
    {
        _process.CloseInput();
        _process.WaitForExitAsync(Limit).GetAwaiter().GetResult();
        _process.Dispose();
    }
}
