using System.Globalization;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab.Uml;

/// <summary>
/// A Linux kernel running as a process. It is the first process of a PID namespace, so that killing it takes all of
/// its helper processes along, and it cannot outlive the test run. Its console is collected; its first serial line is
/// this object's <see cref="SerialIn"/> and <see cref="SerialOut"/>.
/// </summary>
public sealed class UserModeLinux : IAsyncDisposable
{
    private const string Kernel = "linux.uml";
    private static int Count;

    private readonly IReadOnlyList<string> _command;
    private TiedProcess _program;
    private Task _consoleEnded;

    private UserModeLinux(string directory, IReadOnlyList<string> command)
    {
        Directory = directory;
        _command = command;
        _program = TiedProcess.Start(command);
        _consoleEnded = Console.CollectAsync(_program.Process.StandardError);
    }

    public GuestConsole Console { get; } = new();

    /// <summary>What the host writes and the guest reads on /dev/ttyS0.</summary>
    public StreamWriter SerialIn => _program.Process.StandardInput;

    /// <summary>What the guest writes and the host reads on /dev/ttyS0.</summary>
    public StreamReader SerialOut => _program.Process.StandardOutput;

    /// <summary>A folder for this guest's files, gone when the guest is disposed.</summary>
    public string Directory { get; }

    /// <summary>The folder for a new guest's files, under out/lab/.</summary>
    public static string NewDirectory(string name)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{Environment.ProcessId}-{Interlocked.Increment(ref Count)}");
        return System.IO.Directory.CreateDirectory(Path.Combine(Testing.Repository.Root, "out", "lab", "guests", id)).FullName;
    }

    /// <summary>Starts a kernel with these parameters, which say where its root file system is and what init runs.</summary>
    public static UserModeLinux Start(string directory, params IReadOnlyList<string> parameters)
    {
        // The kernel is process 2: as process 1 it could not end itself by a signal, as it does in a panic.
        // Without --mount-proc the kernel, which looks at /proc/self, would see no process of this namespace.
        // con0 is the console: nothing to read, output to fd 2; ssl0 is /dev/ttyS0 on fds 0 and 1.
        return new UserModeLinux(directory, [
            "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "unshare", "--fork", "--", Kernel, "mem=2G",
            $"uml_dir={directory}", "umid=uml", "con=null", "con0=null,fd:2", "ssl=null", "ssl0=fd:0,fd:1", .. parameters]);
    }

    /// <summary>Starts the same kernel again, on the same files, after it has powered off.</summary>
    public void StartAgain()
    {
        _program.Dispose();
        _program = TiedProcess.Start(_command);
        _consoleEnded = Console.CollectAsync(_program.Process.StandardError);
    }

    /// <summary>Waits for the guest to power off by itself; at the limit it is killed and that is an error.</summary>
    public async Task WaitForPowerOffAsync(TimeSpan limit, CancellationToken cancellation = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(limit);
        try
        {
            await _program.Process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await KillAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw new GuestException($"the guest was still running after {limit.TotalSeconds:0} s and was killed", Console);
        }

        await _consoleEnded.ConfigureAwait(false);
        if (_program.Process.ExitCode != 0)
        {
            throw new GuestException($"{Kernel} ended with {_program.Process.ExitCode}", Console);
        }
    }

    /// <summary>The host's processes that this guest consists of.</summary>
    public IReadOnlyList<int> Processes()
    {
        if (_program.Process.HasExited)
        {
            return [];
        }

        var inside = Link(_program.Process.Id, "pid_for_children");
        return System.IO.Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), out var id) ? id : 0)
            .Where(id => id > 0 && id != _program.Process.Id && Link(id, "pid") == inside)
            .ToList();
    }

    /// <summary>Ends the guest at once, with every process of it.</summary>
    public async Task KillAsync()
    {
        // A namespace's first process ends only when all others in it are gone, and `unshare` waits for it: so when
        // `unshare` has ended nothing is left. Killed itself, it would be gone before them.
        if (FirstProcess() is { } first)
        {
            Command.TryRun(["kill", "-KILL", first]);
        }
        else if (!_program.Process.HasExited)
        {
            _program.Kill();
        }

        await _program.Process.WaitForExitAsync().ConfigureAwait(false);
        await _consoleEnded.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        await File.WriteAllTextAsync(
            Path.Combine(Testing.Repository.ResultsDirectory, $"{Path.GetFileName(Directory)}.console.log"), Console.Text)
            .ConfigureAwait(false);
        _program.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private string? FirstProcess()
    {
        try
        {
            var unshare = string.Create(CultureInfo.InvariantCulture, $"/proc/{_program.Process.Id}/task/{_program.Process.Id}/children");
            return File.ReadAllText(unshare).Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? Link(int process, string name)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process}/ns/{name}", returnFinalTarget: false)?.Name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or somebody else's: in either case not one of the guest's.
            return null;
        }
    }
}
