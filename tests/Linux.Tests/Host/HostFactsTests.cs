using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Linux.Tests.Host;

internal sealed class HostFactsTests
{
    [TestCase("-n", nameof(Core.Model.HostIdentity.Hostname))]
    [TestCase("-r", nameof(Core.Model.HostIdentity.KernelRelease))]
    [TestCase("-m", nameof(Core.Model.HostIdentity.Architecture))]
    public void Read_SaysWhatUnameSays(string option, string property) => Assert.That(
        HostFacts.Read(), Has.Property(property).EqualTo(Command.Run("uname", option).Output.Trim()));

    [Test]
    public void Read_BootId_IsTheKernels() => Assert.That(
        HostFacts.Read().BootId, Is.EqualTo(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()).And.Not.Empty);
}
