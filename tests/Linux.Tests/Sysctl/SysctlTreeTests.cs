using Cloudbr.Agent.Linux.Sysctl;

namespace Cloudbr.Agent.Linux.Tests.Sysctl;

internal sealed class SysctlTreeTests
{
    [Test]
    public void Read_Setting_IsItsValueWithoutTheNewline() =>
        Assert.That(SysctlTree.Read("kernel.ostype"), Is.EqualTo("Linux"));

    [Test]
    public void Read_NameWithSlashes_IsTheSameSetting() =>
        Assert.That(SysctlTree.Read("kernel/ostype"), Is.EqualTo("Linux"));

    [Test]
    public void Read_NameWithSlashes_KeepsItsDots() => Assert.That(SysctlTree.Read("kernel/no.such/setting"), Is.Null);

    [TestCase("kernel.no_such_setting")]
    [TestCase("no_such_tree.setting")]
    public void Read_SettingThatIsNotThere_IsNull(string name) => Assert.That(SysctlTree.Read(name), Is.Null);

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("kernel..hostname")]
    [TestCase(".kernel")]
    [TestCase("kernel.")]
    [TestCase("/etc/passwd")]
    [TestCase("kernel/hostname/")]
    [TestCase("net/ipv6/conf/../all/disable_ipv6")]
    [TestCase("net/./ipv4")]
    [TestCase("kernel//hostname")]
    [TestCase("kernel.../../../etc/passwd")]
    public void Read_NameThatCouldLeaveTheTree_IsRefused(string name) =>
        Assert.That(() => SysctlTree.Read(name), Throws.ArgumentException.With.Message.Contains("is no name of a kernel setting"));

    [TestCase("kernel/../../etc/passwd")]
    [TestCase("")]
    public void Write_NameThatCouldLeaveTheTree_IsRefused(string name) =>
        Assert.That(() => SysctlTree.Write(name, "1"), Throws.ArgumentException.With.Message.Contains("is no name of a kernel setting"));
}
