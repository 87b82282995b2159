using Cloudbr.Agent.Linux.Host;

namespace Cloudbr.Agent.Linux.Tests.Host;

internal sealed class OsReleaseTests
{
    [TestCase("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"", "Debian GNU/Linux 12 (bookworm)")]
    [TestCase("PRETTY_NAME='Alpine Linux v3.20'", "Alpine Linux v3.20")]
    [TestCase("PRETTY_NAME=Void", "Void")]
    [TestCase("PRETTY_NAME=\"\"", "")]
    [TestCase("PRETTY_NAME=", "")]
    [TestCase("PRETTY_NAME=\"", "\"")]
    [TestCase("PRETTY_NAME=\"The \\\"Best\\\" \\$1 \\\\ \\` OS\"", "The \"Best\" $1 \\ ` OS")]
    [TestCase("PRETTY_NAME=\"a\\b\"", "a\\b")]
    [TestCase("PRETTY_NAME='a\\\"b'", "a\\\"b")]
    [TestCase("PRETTY_NAME=\"Red Hat Enterprise Linux 9.4 (Plow)\"  ", "Red Hat Enterprise Linux 9.4 (Plow)")]
    public void PrettyNameIn_Value_IsReadAsAShellWould(string line, string expected) =>
        Assert.That(OsRelease.PrettyNameIn([line]), Is.EqualTo(expected));

    [Test]
    public void PrettyNameIn_OtherLines_ArePassedOver() => Assert.That(
        OsRelease.PrettyNameIn(["NAME=Other", "# PRETTY_NAME=Comment", "", "NOT_PRETTY_NAME=No", "PRETTY_NAME=Yes", "ID=x"]), Is.EqualTo("Yes"));

    [Test]
    public void PrettyNameIn_GivenTwice_IsTheLast() =>
        Assert.That(OsRelease.PrettyNameIn(["PRETTY_NAME=first", "PRETTY_NAME=second"]), Is.EqualTo("second"));

    [Test]
    public void PrettyNameIn_NoSuchLine_IsEmpty() => Assert.That(OsRelease.PrettyNameIn(["NAME=x"]), Is.Empty);
}
