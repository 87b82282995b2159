using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>
/// A virtual machine that libvirt's own QEMU driver starts and plugs in, without its daemon and with folders of its own. Inside is iPXE,
/// which takes two seconds to boot under emulation and then does what a script says. It is in a PID namespace, of which nothing is
/// left when the test is over, however that ends.
/// </summary>
internal sealed class LibvirtGuest : IDisposable
{
    /// <summary>libvirt asks QEMU what it can before it starts it, which takes seconds.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const string Firmware = "/usr/lib/ipxe/ipxe.lkrn";

    // Debian builds the driver for a user that comes with the daemon, and for the machine's own /run. The shell stays, as the init that
    // waits for what others leave: libvirt asks QEMU what it can in processes that are nobody's child.
    private const string Start = """
        mount -t tmpfs none /run && mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group && virt-qemu-run --verbose --root="$0" "$0/domain.xml"; exit
        """;

    private readonly TempDirectory _root = new();
    private readonly RunningCommand _process;

    /// <param name="host">Where its device is to be.</param>
    /// <param name="bridge">Into which libvirt plugs it.</param>
    /// <param name="mac">What its NIC has.</param>
    /// <param name="script">What it does, in iPXE's words.</param>
    public LibvirtGuest(NetNamespace host, string bridge, string mac, string script)
    {
        _root.Write("passwd", "libvirt-qemu:x:0:0::/:\n");
        _root.Write("group", "libvirt-qemu:x:0:\n");
        Directory.CreateDirectory(_root["etc"]);
        _root.Write("etc/qemu.conf", """
            security_driver = "none"
            stdio_handler = "file"
            cgroup_controllers = []
            namespaces = []
            """);
        _root.Write("domain.xml", $"""
            <domain type='qemu'>
              <name>guest</name>
              <memory unit='MiB'>128</memory>
              <os>
                <type arch='x86_64' machine='pc'>hvm</type>
                <kernel>{Firmware}</kernel>
                <initrd>{_root.Write("script", script)}</initrd>
              </os>
              <devices>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
                <interface type='bridge'>
                  <mac address='{mac}'/>
                  <source bridge='{bridge}'/>
                  <model type='virtio'/>
                  <rom enabled='no'/>
                </interface>
              </devices>
            </domain>
            """);
        _process = host.Start("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", Start, _root.Path);
    }

    /// <summary>Until libvirt says that it runs.</summary>
    public Task WaitUntilItRunsAsync() => _process.WaitForLineAsync("guest running", Limit);

    public void Dispose()
    {
        _process.Dispose();
        _root.Dispose();
    }
}
