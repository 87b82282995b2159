using Cloudbr.Agent.Linux.Systemd;

namespace Cloudbr.Agent.Linux.Tests.Systemd;

internal sealed class JournalTests
{
    [TestCase("RequestId", "CLOUDBR_REQUEST_ID")]
    [TestCase("Tool", "CLOUDBR_TOOL")]
    [TestCase("tool", "CLOUDBR_TOOL")]
    [TestCase("VxlanId2", "CLOUDBR_VXLAN_ID2")]
    [TestCase("IPv6", "CLOUDBR_IPV6")]
    [TestCase("nic-id.x", "CLOUDBR_NIC_ID_X")]
    [TestCase("Größe", "CLOUDBR_GR__E")]
    [TestCase("", "CLOUDBR_")]
    public void FieldName_IsAsJournaldTakesIt(string name, string expected) =>
        Assert.That(Journal.FieldName(name), Is.EqualTo(expected));

    [FsCheck.NUnit.Property]
    public void FieldName_OfAnything_HasOnlyWhatJournaldAllows(string? name) =>
        Assert.That(Journal.FieldName(name ?? ""), Does.Match("^CLOUDBR_[A-Z0-9_]*$"));

    [Test]
    public void Send_IsTrueOnlyWhereThereIsAJournal() => Assert.That(
        Journal.Send([new("MESSAGE", "a test of cloudbr-agent\nin two lines"), new("PRIORITY", "7")]),
        Is.EqualTo(File.Exists("/run/systemd/journal/socket")));

    [TestCase("")]
    [TestCase("JOURNAL_STREAM=")]
    [TestCase("JOURNAL_STREAM=8")]
    [TestCase("JOURNAL_STREAM=8:1")]
    [TestCase("JOURNAL_STREAM=garbage:garbage")]
    public void IsConnected_StandardErrorIsAnotherFile_IsFalse(string environment) => Assert.That(
        Child.Run(environment.Length == 0 ? ["-u", "JOURNAL_STREAM"] : [environment], "journal"), Is.EqualTo("not connected"));

    [Test]
    public void IsConnected_StandardErrorIsTheSocketThatSystemdNamed_IsTrue()
    {
        // Bash opens a socket as standard error, and tells its number as systemd does.
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var child = string.Join(' ', Cloudbr.Agent.Testing.Processes.DotnetProgram.Assembly(typeof(Child).Assembly.Location, "journal"));
        var script = $"exec 2<>/dev/tcp/127.0.0.1/{port}; link=$(readlink /proc/$$/fd/2); JOURNAL_STREAM=9:${{link//[^0-9]/}} exec {child}";
        Assert.That(Cloudbr.Agent.Testing.Processes.Command.Run("bash", "-c", script).Output.Trim(), Is.EqualTo("connected"));
    }
}
