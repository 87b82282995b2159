using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Tests.Model;

internal sealed class MacAddressTests
{
    [TestCase("02:00:5e:00:53:af", "02:00:5e:00:53:af")]
    [TestCase("AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff")]
    [TestCase("00:00:00:00:00:00", "00:00:00:00:00:00")]
    public void Parse_SixPairs_PrintsAsTheKernelsTools(string text, string printed) =>
        Assert.That(MacAddress.Parse(text).ToString(), Is.EqualTo(printed));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("02:00:5e:00:53")]
    [TestCase("02:00:5e:00:53:af:00")]
    [TestCase("02-00-5e-00-53-af")]
    [TestCase("0200.5e00.53af")]
    [TestCase("02:00:5e:00:53:ag")]
    [TestCase("2:0:5e:00:53:00:0")]
    [TestCase(" 2:00:5e:00:53:af")]
    [TestCase("02:00:5e:00:53:+f")]
    [TestCase("02:00:5e:00:53:af ")]
    public void TryParse_AnythingElse_IsNone(string? text)
    {
        Assert.That(MacAddress.TryParse(text, out var mac), Is.False);
        Assert.That(mac, Is.EqualTo(MacAddress.Zero));
    }

    [Test]
    public void Parse_NoMac_NamesIt() => Assert.That(() => MacAddress.Parse("eth0"), Throws.TypeOf<FormatException>().With.Message.EqualTo("'eth0' is no MAC address."));

    [TestCase("01:00:5e:00:00:01", true)]
    [TestCase("ff:ff:ff:ff:ff:ff", true)]
    [TestCase("02:00:00:00:00:01", false)]
    public void IsGroup_IsTheLowestBitOfTheFirstByte(string mac, bool group) => Assert.That(MacAddress.Parse(mac).IsGroup, Is.EqualTo(group));

    [Property(MaxTest = 300)]
    public void Bytes_OfAnyAddress_ComeBack(byte a, byte b, byte c, byte d, byte e, byte f)
    {
        byte[] bytes = [a, b, c, d, e, f];
        var copy = new byte[MacAddress.Length];
        new MacAddress(bytes).CopyTo(copy);
        Assert.That(copy, Is.EqualTo(bytes));
        Assert.That(MacAddress.Parse(new MacAddress(bytes).ToString()), Is.EqualTo(new MacAddress(bytes)));
    }

    [Test]
    public void Bytes_OfAnotherNumber_AreRefused() => Assert.That(() => new MacAddress([1, 2, 3]), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
