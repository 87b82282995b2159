using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab.Debian;

/// <summary>The lab's Debian is a machine that service and package tests can rely on.</summary>
public class DebianGuestTests
{
    private static readonly string[] NeededControllers = ["cpu", "memory", "pids"];
    private DebianGuest _guest = null!;

    [OneTimeSetUp]
    public async Task Boot() => _guest = await DebianGuest.BootAsync();

    [OneTimeTearDown]
    public async Task End()
    {
        // Null when the boot itself failed.
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }
    }

    [Test]
    public async Task Boot_Ends_WithSystemdAsTheFirstProcessAndAllUnitsUp()
    {
        var failed = await _guest.RunAsync(["systemctl", "list-units", "--failed", "--no-legend"]);
        Assert.That(_guest.SystemState, Is.EqualTo("running"), () => $"{failed}\n{_guest.Console.Report()}");
        Assert.That((await _guest.RunAsync(["cat", "/proc/1/comm"])).Output, Is.EqualTo("systemd\n"));
        Assert.That((await _guest.RunAsync(["uname", "--kernel-release"])).Output, Does.StartWith("6.1."));
    }

    [Test]
    public async Task Cgroups_AreVersion2_WithTheControllersAServiceNeeds()
    {
        Assert.That((await _guest.RunAsync(["stat", "--file-system", "--format=%T", "/sys/fs/cgroup"])).Output, Is.EqualTo("cgroup2fs\n"));
        var controllers = (await _guest.RunAsync(["cat", "/sys/fs/cgroup/cgroup.controllers"])).Output.Trim().Split(' ');
        Assert.That(controllers, Is.SupersetOf(NeededControllers));
    }

    [Test]
    public async Task Modules_Load()
    {
        (await _guest.RunAsync(["modprobe", "8021q"])).EnsureSuccess();
        Assert.That((await _guest.RunAsync(["lsmod"])).Output, Does.Contain("8021q"));
    }

    [Test]
    public async Task Run_ReturnsExitCodeAndBothOutputsExactly()
    {
        var result = await _guest.RunAsync(
            ["bash", "-c", "cat; printf 'no newline: %s' \"$1\"; printf 'a\\r\\n\\tb' >&2; exit 42", "bash", "sp ace'\"\n*"], input: "in\n");

        Assert.That(result.ExitCode, Is.EqualTo(42));
        Assert.That(result.Output, Is.EqualTo("in\nno newline: sp ace'\"\n*"));
        Assert.That(result.Error, Is.EqualTo("a\r\n\tb"));
    }

    [Test]
    public async Task Run_SeveralAtOnce_EachGetsItsOwn()
    {
        // Each waits for the other's file, so they only end when they really run side by side.
        var first = _guest.ShellAsync("mkfifo /tmp/a; echo one > /tmp/a; echo first");
        var second = _guest.ShellAsync("until [ -p /tmp/a ]; do sleep 0.1; done; cat /tmp/a; echo second");

        Assert.That((await first).Output, Is.EqualTo("first\n"));
        Assert.That((await second).Output, Is.EqualTo("one\nsecond\n"));
    }

    [Test]
    public async Task Run_PastItsLimit_IsKilledWithItsChildren_AndTheGuestLivesOn()
    {
        Assert.That(
            async () => await _guest.ShellAsync("echo begun; sleep 4242 & wait", TimeSpan.FromSeconds(2)),
            Throws.TypeOf<TimeoutException>().With.Message.Contains("killed after 2 s").And.Message.Contains("begun"));

        Assert.That((await _guest.RunAsync(["pgrep", "--full", "sleep 4242"])).ExitCode, Is.EqualTo(1), "no such process");
    }

    [Test]
    public async Task Files_GoInAndComeOut_ByteForByte()
    {
        var bytes = new byte[3_000_001];
        new Random(1).NextBytes(bytes);
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var original = Path.Combine(directory.FullName, "original");
            var back = Path.Combine(directory.FullName, "back");
            await File.WriteAllBytesAsync(original, bytes);
            Command.Run("chmod", "500", original);

            await _guest.CopyInAsync(original, "/root/file");
            Assert.That((await _guest.RunAsync(["stat", "--format=%a %s", "/root/file"])).Output, Is.EqualTo("500 3000001\n"));
            await _guest.CopyOutAsync("/root/file", back);

            Assert.That(await File.ReadAllBytesAsync(back), Is.EqualTo(bytes));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Test]
    public async Task Journal_OfAUnit_HasItsLines()
    {
        (await _guest.RunAsync(["systemd-run", "--wait", "--unit=lab-says", "echo", "a line for the journal"])).EnsureSuccess();
        (await _guest.RunAsync(["journalctl", "--sync"])).EnsureSuccess();

        Assert.That(await _guest.JournalAsync("lab-says"), Does.Contain("a line for the journal"));
    }

    [Test]
    public async Task PythonHasGrpc()
    {
        var result = await _guest.RunAsync(["/usr/bin/python3", "-c", "import grpc, google.protobuf; print('imported')"]);
        Assert.That(result.Output, Is.EqualTo("imported\n"), result.ToString);
    }
}
