using System.Diagnostics;

namespace Cloudbr.Agent.Testing.Processes;

/// <summary>
/// A program that cannot outlive the test run, even when that is killed: the kernel sends it SIGKILL when the thread
/// that forked it dies, and that thread lives exactly as long as the program.
/// </summary>
public sealed class TiedProcess : IDisposable
{
    private readonly Thread _owner;

    private TiedProcess(Process process, Thread owner)
    {
        Process = process;
        _owner = owner;
    }

    /// <summary>The program, with all three standard streams redirected.</summary>
    public Process Process { get; }

    public static TiedProcess Start(params IReadOnlyList<string> arguments)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var owner = new Thread(() =>
        {
            try
            {
                var process = StartOnThisThread(arguments);
                started.SetResult(process);
                process.WaitForExit();
            }
            catch (Exception e)
            {
                started.TrySetException(e);
            }
        })
        { IsBackground = true, Name = $"owner of {arguments[0]}" };
        owner.Start();
        return new TiedProcess(started.Task.GetAwaiter().GetResult(), owner);
    }

    /// <summary>Ends it as the kernel would: SIGKILL, no chance to clean up.</summary>
    public void Kill() => Process.Kill();

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        _owner.Join();
        Process.Dispose();
    }

    /// <summary>Starts a program that the kernel kills when the calling thread ends, however it ends.</summary>
    internal static Process StartOnThisThread(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "--", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Messages are compared in tests: keep them in one language.
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }
}
