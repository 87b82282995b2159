using System.Net;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Daemon.Options;
using Cloudbr.Agent.Testing;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Daemon.Tests.Options;

internal sealed class AgentOptionsReaderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Read_EmptyFile_HasTheDefaults() => Assert.That(Read(file: ""), Is.EqualTo(new AgentOptions
    {
        Socket = "/run/cloudbr-agent/agent.sock",
        StateDirectory = "/var/lib/cloudbr-agent",
        LogLevel = LogLevel.Information,
        DriftMode = DriftMode.Heal,
        History = 1000,
        ManagementLostAfter = TimeSpan.FromSeconds(30),
        Insecure = null,
    }));

    [Test]
    public void Read_File_IsTaken() => Assert.That(
        Read(file: "# comment\n[agent]\nsocket = /run/a/b.sock\nstate_dir = \"/var/with space\"\nlog_level = Warning\n"),
        Is.EqualTo(new AgentOptions { Socket = "/run/a/b.sock", StateDirectory = "/var/with space", LogLevel = LogLevel.Warning }));

    [Test]
    public void Read_CommandLine_OverridesTheFile() => Assert.That(
        Read(file: "[agent]\nsocket=/file.sock\nstate_dir=/file\n", socket: "/line.sock", state: "/line", insecure: "127.0.0.1:9440"),
        Is.EqualTo(new AgentOptions { Socket = "/line.sock", StateDirectory = "/line", Insecure = new IPEndPoint(IPAddress.Loopback, 9440) }));

    [TestCase("debug", LogLevel.Debug)]
    [TestCase("info", LogLevel.Information)]
    [TestCase("warning", LogLevel.Warning)]
    [TestCase("error", LogLevel.Error)]
    public void Read_LogLevel_IsTaken(string name, LogLevel level) =>
        Assert.That(Read(file: $"[agent]\nlog_level={name}\n").LogLevel, Is.EqualTo(level));

    [TestCase("heal", DriftMode.Heal)]
    [TestCase("Observe", DriftMode.Observe)]
    public void Read_Drift_IsTaken(string name, DriftMode mode) =>
        Assert.That(Read(file: $"[agent]\ndrift={name}\n").DriftMode, Is.EqualTo(mode));

    [TestCase(1)]
    [TestCase(100_000)]
    public void Read_History_IsTaken(int kept) => Assert.That(Read(file: $"[agent]\nhistory={kept}\n").History, Is.EqualTo(kept));

    [TestCase(1)]
    [TestCase(3600)]
    public void Read_ManagementLostAfter_IsInSeconds(int seconds) => Assert.That(
        Read(file: $"[agent]\nmanagement_lost_after={seconds}\n").ManagementLostAfter, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("[agent]\nsocked=/x\n", "'agent.socked' is no setting of this agent. Known: agent.socket, agent.state_dir, agent.log_level, agent.drift, agent.history, agent.management_lost_after.")]
    [TestCase("[agnt]\nsocket=/x\n", "'agnt.socket' is no setting of this agent")]
    [TestCase("socket=/x\n", "'socket' is no setting of this agent")]
    [TestCase("[agent]\nsocket\n", "cannot be read: ")]
    [TestCase("[agent\nsocket=/x\n", "cannot be read: ")]
    [TestCase("[agent]\nsocket=/x\nsocket=/y\n", "cannot be read: ")]
    public void Read_FileThatIsNotUnderstood_IsRefusedByName(string content, string words) =>
        Assert.That(() => Read(file: content), Refused($"{_directory["agent.conf"]}").And.Message.Contains(words));

    [TestCase("[agent]\nlog_level=loud\n", "agent.log_level is 'loud'; choose one of debug, info, warning, error.")]
    [TestCase("[agent]\nlog_level=\n", "agent.log_level is ''; choose one of debug, info, warning, error.")]
    [TestCase("[agent]\ndrift=repair\n", "agent.drift is 'repair'; choose heal or observe.")]
    [TestCase("[agent]\ndrift=\n", "agent.drift is ''; choose heal or observe.")]
    [TestCase("[agent]\nhistory=0\n", "agent.history is '0'; give a number from 1 to 100000.")]
    [TestCase("[agent]\nhistory=100001\n", "agent.history is '100001'; give a number from 1 to 100000.")]
    [TestCase("[agent]\nhistory=-1\n", "agent.history is '-1'; give a number from 1 to 100000.")]
    [TestCase("[agent]\nhistory=many\n", "agent.history is 'many'; give a number from 1 to 100000.")]
    [TestCase("[agent]\nhistory=\n", "agent.history is ''; give a number from 1 to 100000.")]
    [TestCase("[agent]\nmanagement_lost_after=0\n", "agent.management_lost_after is '0'; give a number from 1 to 3600.")]
    [TestCase("[agent]\nmanagement_lost_after=3601\n", "agent.management_lost_after is '3601'; give a number from 1 to 3600.")]
    [TestCase("[agent]\nmanagement_lost_after=30s\n", "agent.management_lost_after is '30s'; give a number from 1 to 3600.")]
    [TestCase("[agent]\nmanagement_lost_after=99999999999999999999\n", "is '99999999999999999999'; give a number from 1 to 3600.")]
    [TestCase("[agent]\nsocket=\n", "socket is ''; give an absolute path.")]
    [TestCase("[agent]\nsocket=a.sock\n", "socket is 'a.sock'; give an absolute path.")]
    [TestCase("[agent]\nstate_dir=~/x\n", "state_dir is '~/x'; give an absolute path.")]
    [TestCase("[agent]\nsocket=/a\0b\n", "socket is '/a\0b'; give an absolute path.")]
    public void Read_ValueThatCannotBe_IsRefused(string content, string words) =>
        Assert.That(() => Read(file: content), Refused(words));

    [TestCase("/")]
    [TestCase("/run/agent/")]
    public void Read_SocketThatIsADirectory_IsRefused(string path) =>
        Assert.That(() => Read(file: "", socket: path), Refused($"socket is '{path}'; give the path of the socket, not of its directory."));

    [TestCase(107, true)]
    [TestCase(108, false)]
    public void Read_SocketPath_IsTakenAsLongAsTheKernelDoes(int bytes, bool taken)
    {
        // A letter of two bytes: the kernel counts bytes.
        var path = $"/é{new string('x', bytes - 3)}";
        if (taken)
        {
            Assert.That(Read(file: "", socket: path).Socket, Is.EqualTo(path));
        }
        else
        {
            Assert.That(() => Read(file: "", socket: path), Refused("108 bytes long; the kernel takes at most 107."));
        }
    }

    [Test]
    public void Read_NamedFileThatIsNotThere_IsRefused() => Assert.That(
        () => AgentOptionsReader.Read(new CommandLineOptions(_directory["none"], null, null, null)),
        Refused($"{_directory["none"]} cannot be read: "));

    [Test]
    public void Read_NamedFileThatIsADirectory_IsRefused() => Assert.That(
        () => AgentOptionsReader.Read(new CommandLineOptions(_directory.Path, null, null, null)),
        Refused($"{_directory.Path} cannot be read: "));

    [TestCase("127.0.0.1:9440")]
    [TestCase("127.255.0.1:1")]
    [TestCase("127.0.0.1:0")]
    [TestCase("[::1]:9440")]
    public void Read_InsecureOnLoopback_IsTaken(string text) =>
        Assert.That(Read(file: "", insecure: text).Insecure, Is.EqualTo(IPEndPoint.Parse(text)));

    [TestCase("0.0.0.0:9440", "127.0.0.1:9440")]
    [TestCase("[::]:9440", "127.0.0.1:9440")]
    [TestCase("192.0.2.1:9440", "127.0.0.1:9440")]
    [TestCase("[2001:db8::1]:7", "127.0.0.1:7")]
    [TestCase("128.0.0.1:9440", "127.0.0.1:9440")]
    public void Read_InsecureElsewhere_IsRefused(string text, string instead) => Assert.That(
        () => Read(file: "", insecure: text),
        Refused($"--insecure is '{text}'; without TLS the agent listens on loopback only, such as {instead}."));

    [TestCase("")]
    [TestCase("9440")]
    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:")]
    [TestCase("127.0.0.1:65536")]
    [TestCase("127.0.0.1:-1")]
    [TestCase("127.0.0.1:x")]
    [TestCase("localhost:9440")]
    [TestCase("::1")]
    [TestCase("::1:9440")]
    [TestCase("[::1]")]
    [TestCase("http://127.0.0.1:9440")]
    public void Read_InsecureThatIsNoAddressAndPort_IsRefused(string text) => Assert.That(
        () => Read(file: "", insecure: text),
        Refused($"--insecure is '{text}'; give an address and a port, such as 127.0.0.1:9440."));

    private static NUnit.Framework.Constraints.ContainsConstraint Refused(string words) =>
        Throws.TypeOf<ConfigurationException>().With.Message.Contains(words);

    private AgentOptions Read(string file, string? socket = null, string? state = null, string? insecure = null) =>
        AgentOptionsReader.Read(new CommandLineOptions(_directory.Write("agent.conf", file), state, socket, insecure));
}
