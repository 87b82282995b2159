using System.Net;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Core.Tests.Model.Filtering;

internal sealed class AddressTextTests
{
    [TestCase("10.0.0.1")]
    [TestCase("::")]
    [TestCase("::1")]
    [TestCase("2001:db8::")]
    [TestCase("2001:db8:0:1:1:1:1:1")]
    [TestCase("2001:0:0:1::2")]
    [TestCase("2001::1:0:0:2:3")]
    [TestCase("::1.2.3.4")]
    [TestCase("::ffff:1.2.3.4")]
    [TestCase("fe80::5efe:102:304")]
    [TestCase("2001:db8:0:1:0:5efe::")]
    [TestCase("::ffff:0:102:304")]
    [TestCase("1:2:3:4:5:6:7:8")]
    public void Of_IsWhatTheCLibraryPrints(string text) => Assert.That(AddressText.Of(IPAddress.Parse(text)), Is.EqualTo(text));
}
