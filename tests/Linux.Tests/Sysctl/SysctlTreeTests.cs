using Cloudbr.Agent.Linux.Sysctl;

namespace Cloudbr.Agent.Linux.Tests.Sysctl;

internal sealed class SysctlTreeTests
{
    [Test]
    public void Read_Setting_IsItsValueWithoutTheNewline() =>
        Assert.That(SysctlTree.Read("kernel.ostype"), Is.EqualTo("Linux"));

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
    [TestCase("kernel/hostname")]
    [TestCase("kernel.../../../etc/passwd")]
    public void Read_NameThatCouldLeaveTheTree_IsRefused(string name) =>
        Assert.That(() => SysctlTree.Read(name), Throws.ArgumentException.With.Message.Contains("is no name of a kernel setting"));
}
