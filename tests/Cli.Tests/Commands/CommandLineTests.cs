namespace Cloudbr.Agent.Cli.Tests.Commands;

internal sealed class CommandLineTests
{
    [TestCase("status --bogus", "--bogus")]
    [TestCase("statsu", "'statsu'")]
    [TestCase("status extra", "'extra'")]
    [TestCase("status --socket", "--socket")]
    [TestCase("status -o xml", "--output is 'xml'; choose text or json.")]
    [TestCase("status --insecure nonsense", "--insecure is 'nonsense'; give an address and a port, such as 127.0.0.1:9440.")]
    [TestCase("status --insecure 127.0.0.1", "--insecure is '127.0.0.1'")]
    [TestCase("watch --interval 2", "--interval goes with --topic")]
    [TestCase("watch --topic heartbeat --interval soon", "--interval is 'soon'; give seconds, such as 0.5 or 10.")]
    [TestCase("watch --topic heartbeat --interval NaN", "--interval is 'NaN'")]
    [TestCase("watch --topic heartbeat --interval -1", "--interval")]
    [TestCase("watch --topic heartbeat --interval 999999999999999999", "--interval is '999999999999999999'")]
    [TestCase("watch --count 0", "--count is '0'; give a number from 1.")]
    [TestCase("watch --count x", "--count is 'x'")]
    [TestCase("watch --topic weather", "--topic is 'weather'; choose one of change, counters, drift")]
    [TestCase("apply", "FILE")]
    [TestCase("apply a b", "'b'")]
    [TestCase("networks extra", "'extra'")]
    [TestCase("apply a --confirm-within soon", "--confirm-within is 'soon'; give a time with its unit, such as 60s, 5m or 1h.")]
    [TestCase("apply a --confirm-within 60", "--confirm-within is '60'; give a time with its unit")]
    [TestCase("apply a --confirm-within s", "--confirm-within is 's'")]
    [TestCase("apply a --confirm-within NaNs", "--confirm-within is 'NaNs'")]
    [TestCase("apply a --confirm-within 99999999999999999999h", "--confirm-within is '99999999999999999999h'")]
    [TestCase("apply a --confirm-within", "--confirm-within")]
    [TestCase("confirm", "GENERATION")]
    [TestCase("confirm x", "GENERATION is 'x'; give the number of a generation, as history shows it.")]
    [TestCase("confirm 1 --dry-run", "--dry-run")]
    [TestCase("rollback", "GENERATION")]
    [TestCase("rollback 1.5", "GENERATION is '1.5'")]
    [TestCase("rollback 18446744073709551616", "GENERATION is '18446744073709551616'")]
    [TestCase("history --count 0", "--count is '0'; give a number from 1.")]
    [TestCase("history extra", "'extra'")]
    [TestCase("config --generation last", "--generation is 'last'; give the number of a generation, as history shows it.")]
    public void CommandLine_NotUnderstood_IsExitCodeTwoAndOneLine(string arguments, string words)
    {
        var result = Cloudbrctl.Run(arguments.Split(' '));
        Cloudbrctl.AssertFailed(result, 2, "cloudbrctl: ");
        Assert.That(result.Error, Does.Contain(words).And.EndsWith("See cloudbrctl --help.\n"));
    }

    [Test]
    public void NoCommand_ShowsWhatThereIs_AndIsExitCodeTwo()
    {
        var result = Cloudbrctl.Run();
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Output, Does.Contain("status").And.Contain("capabilities").And.Contain("networks").And.Contain("apply").And.Contain("watch").And.Contain("--socket"));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public void Version_IsOneLine() => Assert.That(Cloudbrctl.Run("version").EnsureSuccess().Output, Does.Match(@"^cloudbrctl \d+\.\d+\.\d+\n$"));

    [Test]
    public void Help_OfACommand_SaysItsOptions() =>
        Assert.That(Cloudbrctl.Run("watch", "--help").EnsureSuccess().Output, Does.Contain("--count").And.Contain("nic-health"));
}
