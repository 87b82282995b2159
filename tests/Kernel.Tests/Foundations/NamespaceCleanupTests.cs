using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>Nothing may be left on the machine by a test run, however it ended.</summary>
public class NamespaceCleanupTests
{
    [Test]
    public async Task Process_KilledWhileHoldingANamespace_LeavesNothing()
    {
        using var witnessSide = NetNamespace.Create();
        using var holder = new RunningCommand(
            "dotnet", "exec", typeof(NamespaceCleanupTests).Assembly.Location, "hold-namespace", witnessSide.Path);
        var line = await holder.WaitForLineAsync("holding ", TimeSpan.FromSeconds(30));
        var identity = line["holding ".Length..];
        Assert.That(HasLink(witnessSide, "witness"), "the child's veth ends here");
        Assert.That(ProcessesHolding(identity), Is.EqualTo(new[] { holder.Id }));

        using var events = witnessSide.Listen();
        holder.Kill();

        // A veth end goes when the namespace of its peer is destroyed: the kernel itself says that all is gone. (The
        // namespace's number says nothing any more: the next namespace may get it.)
        events.WaitUntil("the witness end is gone", () => !HasLink(witnessSide, "witness"));
    }

    [Test]
    public void Dispose_TakesTheNamespaceAway()
    {
        using var witnessSide = NetNamespace.Create();
        using var events = witnessSide.Listen();
        using (var other = NetNamespace.Create())
        {
            other.Exec("ip", "link", "add", "name", "held", "type", "veth", "peer", "name", "witness", "netns", witnessSide.Path);
        }

        events.WaitUntil("the witness end is gone", () => !HasLink(witnessSide, "witness"));
    }

    [Test]
    public void Dispose_WhileAThreadOfOursIsInside_SaysSo()
    {
        using var release = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        var threads = NetNamespace.Create();
        Thread? stray = null;
        threads.Run(() =>
        {
            // A thread born here inherits the namespace, as a pool thread would.
            stray = new Thread(() =>
            {
                inside.Set();
                release.Wait();
            })
            { Name = "stray" };
            stray.Start();
            inside.Wait();
        });

        Assert.That(threads.Dispose, Throws.InvalidOperationException.With.Message.Contains("stray"));
        release.Set();
        stray!.Join();
    }

    private static bool HasLink(NetNamespace where, string name) => where.TryExec(["ip", "link", "show", "dev", name]).Succeeded;

    /// <summary>Processes that are in the namespace or hold it open.</summary>
    private static List<int> ProcessesHolding(string identity)
    {
        var holders = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            try
            {
                var links = Directory.EnumerateFileSystemEntries($"{process}/fd").Append($"{process}/ns/net");
                if (links.Any(link => File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name == identity))
                {
                    holders.Add(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
            catch (UnauthorizedAccessException)
            {
                // Somebody else's, seen without root.
            }
        }

        return holders;
    }
}
