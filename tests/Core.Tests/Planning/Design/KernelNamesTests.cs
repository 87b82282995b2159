using System.Text;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Core.Tests.Planning.Design;

internal sealed class KernelNamesTests
{
    [Test]
    public void Names_ThatFit_AreCloudStacksOwn()
    {
        Assert.That(KernelNames.VlanDevice("eth0", 5), Is.EqualTo(new KernelName("eth0.5", null)));
        Assert.That(KernelNames.VlanBridge("eth0", 5), Is.EqualTo(new KernelName("breth0-5", null)));
        Assert.That(KernelNames.VxlanDevice(101), Is.EqualTo(new KernelName("vxlan101", null)));
        Assert.That(KernelNames.VxlanBridge(101), Is.EqualTo(new KernelName("brvx-101", null)));
    }

    [Test]
    public void Fit_FifteenBytes_Fit() => Assert.That(KernelNames.Fit("brenp129s0f1-76"), Is.EqualTo(new KernelName("brenp129s0f1-76", null)));

    [Test]
    public void Fit_SixteenBytes_KeepsTheHeadAndTheLongNameAsAltName()
    {
        var name = KernelNames.Fit("brenp129s0f1-761");
        Assert.That(name.Name, Does.Match("^brenp129-[a-z2-7]{6}$"));
        Assert.That(name.AltName, Is.EqualTo("brenp129s0f1-761"));
    }

    [Test]
    public void Fit_SameName_IsTheSameOnEveryHostForEver() =>
        Assert.That(KernelNames.VlanBridge("enp129s0f1np1", 761).Name, Is.EqualTo("brenp129-vjxek2"));

    [Test]
    public void Fit_NamesThatDifferAtTheEnd_Differ() =>
        Assert.That(Enumerable.Range(1, 4094).Select(v => KernelNames.VlanBridge("enp129s0f1np1", v).Name), Is.Unique);

    [Property(MaxTest = 300)]
    public void Fit_AnyName_IsNoLongerThanTheKernelTakes(FsCheck.UnicodeString name)
    {
        var text = name.Get ?? "";
        Assert.That(Encoding.UTF8.GetByteCount(KernelNames.Fit(text).Name), Is.LessThanOrEqualTo(KernelNames.MostBytes));
    }

    [Test]
    public void BridgeMac_OfOneNetwork_IsSteadyAndDiffersByHost()
    {
        var mac = KernelNames.BridgeMac("kvm1", "n1");
        Assert.That(KernelNames.BridgeMac("kvm1", "n1"), Is.EqualTo(mac));
        Assert.That(KernelNames.BridgeMac("kvm2", "n1"), Is.Not.EqualTo(mac));
        Assert.That(KernelNames.BridgeMac("kvm1", "n2"), Is.Not.EqualTo(mac));
        Assert.That(mac.IsGroup, Is.False);
        Assert.That(mac.ToString()[1], Is.AnyOf('2', '6', 'a', 'e'), "locally administered");
    }
}
