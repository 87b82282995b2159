using Cloudbr.Agent.Lab.Uml;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Lab.HostGuest;

[Parallelizable(ParallelScope.All)]
public class HostKernelTests
{
    private const string KernelTests = "Cloudbr.Agent.Kernel.Tests.dll";

    private const string Root = "Cloudbr.Agent.Kernel.Tests";

    /// <summary>By namespace; the last is all the rest.</summary>
    private static readonly string[] Parts = ["Links", "Filtering", "Shaping", ""];

    /// <summary>A guest has one processor: each part has one of its own, and stays well within what a test may take.</summary>
    [TestCaseSource(nameof(Parts))]
    public async Task KernelSuite_UnderLinux61_Passes(string part)
    {
        var isHere = part.Length > 0
            ? $"FullyQualifiedName~{Root}.{part}."
            : string.Join('&', Parts.Where(p => p.Length > 0).Select(p => $"FullyQualifiedName!~{Root}.{p}."));
        await using var guest = new HostKernelGuest();
        var result = await guest.RunAsync(
            ["dotnet", "vstest", Repository.BuiltFile("tests/Kernel.Tests", KernelTests), "--logger:trx;LogFileName=kernel.trx",
                "--logger:console;verbosity=normal",
                $"--ResultsDirectory:{guest.WritableDirectory}", $"--TestCaseFilter:TestCategory!={MachineOnlyAttribute.Name}&{isHere}"],
            TimeSpan.FromMinutes(4.5),
            Dotnet.Environment(guest.WritableDirectory));

        // Its tests count in the totals of tests/run, failed ones too.
        var trx = Path.Combine(guest.WritableDirectory, "kernel.trx");
        Assert.That(trx, Does.Exist, result.ToString);
        var collected = Directory.CreateDirectory(Path.Combine(Repository.ResultsDirectory, "kernel-in-lab")).FullName;
        File.Copy(trx, Path.Combine(collected, $"kernel{part}.trx"), overwrite: true);
        Assert.That(result.ExitCode, Is.Zero, () => $"tests failed in the guest; they are counted and told as kernel-in-lab\n{result.Error}");
    }

    [Test]
    public async Task Program_WritesAndFails_ComesBackExactly()
    {
        await using var guest = new HostKernelGuest();
        var result = await guest.RunAsync(
            ["bash", "-c", "uname -r; echo \"$WORD\"; echo wrong >&2; touch /usr/written; exit 7"],
            TimeSpan.FromMinutes(1),
            ["WORD=two words"]);

        Assert.That(result.ExitCode, Is.EqualTo(7));
        Assert.That(result.Output, Does.Match(@"^6\.1\.\d+\ntwo words\n$"));
        Assert.That(result.Error, Does.StartWith("wrong\n").And.Contains("Read-only file system"));
        Assert.That(File.Exists("/usr/written"), Is.False);
    }

    [Test]
    public async Task Guest_ThatHangs_IsEndedByTheLimitAndShowsItsConsole()
    {
        var guest = new HostKernelGuest();
        var directory = guest.WritableDirectory;
        await using (guest)
        {
            var run = guest.RunAsync(["bash", "-c", "echo last words >/dev/console; sleep infinity"], TimeSpan.FromSeconds(5));

            Assert.That(async () => await run, Throws.TypeOf<GuestException>()
                .With.Message.Contains("still running after 5 s").And.Message.Contains("last words"));
        }

        Assert.That(directory, Does.Not.Exist);
    }
}
