using Cloudbr.Agent.Linux.Sysctl;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.State;

public sealed class SysctlWatchTests
{
    private const string Setting = "net.ipv4.ip_forward";

    [Test]
    public void WhatOthersWrite_IsTold()
    {
        using var host = NetNamespace.Create();
        using var watch = SysctlWatch.Open();
        host.Run(() => watch.Watch(Setting));
        host.Exec("sysctl", "-w", $"{Setting}=1");
        Assert.That(Written(watch), Is.EqualTo([Setting]));
    }

    /// <summary>It forgets files that nobody holds open, watched or not.</summary>
    [Test]
    public void WhatOthersWrite_AfterTheKernelNeededMemory_IsTold()
    {
        using var host = NetNamespace.Create();
        using var watch = SysctlWatch.Open();
        host.Run(() => watch.Watch(Setting));
        if (host.TryExec(["sysctl", "-w", "vm.drop_caches=2"]).ExitCode != 0)
        {
            Assert.Ignore("only root of the machine may have the kernel drop its caches; the lab's root may");
        }

        host.Exec("sysctl", "-w", $"{Setting}=1");
        Assert.That(Written(watch), Is.EqualTo([Setting]));
    }

    private static HashSet<string> Written(SysctlWatch watch)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        watch.Take(written);
        return written;
    }
}
