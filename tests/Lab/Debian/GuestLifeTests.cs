using Cloudbr.Agent.Lab.Uml;

namespace Cloudbr.Agent.Lab.Debian;

/// <summary>Guests end, one way or another, and nothing of them stays.</summary>
public class GuestLifeTests
{
    [Test]
    public async Task PowerOff_EndsEveryProcess_AndTheNextGuestIsClean()
    {
        await using (var first = await DebianGuest.BootAsync())
        {
            var processes = first.Processes();
            Assert.That(processes, Is.Not.Empty);
            (await first.RunAsync(["touch", "/etc/left-behind"])).EnsureSuccess();

            await first.PowerOffAsync();

            Assert.That(processes.Where(id => Directory.Exists($"/proc/{id}")), Is.Empty);
            Assert.That(async () => await first.RunAsync(["true"]), Throws.TypeOf<GuestException>());
        }

        await using var second = await DebianGuest.BootAsync();
        Assert.That((await second.RunAsync(["test", "-e", "/etc/left-behind"])).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Dispose_WhileAGuestIsBusy_EndsEveryProcess()
    {
        IReadOnlyList<int> processes;
        Task running;
        await using (var guest = await DebianGuest.BootAsync())
        {
            running = guest.RunAsync(["sleep", "infinity"]);
            (await guest.RunAsync(["true"])).EnsureSuccess();
            processes = guest.Processes();
        }

        Assert.That(async () => await running, Throws.TypeOf<GuestException>().With.Message.Contains("console"));
        Assert.That(processes, Is.Not.Empty);
        Assert.That(processes.Where(id => Directory.Exists($"/proc/{id}")), Is.Empty);
    }

    [Test]
    public async Task Guest_ThatNeverComesUp_IsEndedByTheLimitAndShowsItsConsole()
    {
        var directory = UserModeLinux.NewDirectory("no-root");
        await using var kernel = UserModeLinux.Start(directory, "root=/dev/ubda", "ro");

        // Without a root file system the kernel panics, and user-mode Linux then ends or hangs; both are errors here.
        Assert.That(
            async () => await kernel.WaitForPowerOffAsync(TimeSpan.FromSeconds(10)),
            Throws.TypeOf<GuestException>().With.Message.Contains("Kernel panic"));
    }
}
