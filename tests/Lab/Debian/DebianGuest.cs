using System.Globalization;
using Cloudbr.Agent.Lab.Uml;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab.Debian;

/// <summary>
/// A whole Debian 12 with systemd as PID 1, for service and package tests. It boots from a shared image through an
/// overlay of its own, so every guest begins clean. One guest may serve all tests of a fixture.
/// </summary>
/// <example>
/// <code>
/// await using var guest = await DebianGuest.BootAsync();
/// await guest.CopyInAsync(package, "/root/agent.deb");
/// (await guest.RunAsync(["dpkg", "--install", "/root/agent.deb"])).EnsureSuccess();
/// </code>
/// </example>
public sealed class DebianGuest : IAsyncDisposable
{
    public static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(120);
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PowerOffLimit = TimeSpan.FromSeconds(60);

    private readonly UserModeLinux _kernel;
    private GuestLine _line;
    private int _lastCopy;

    private DebianGuest(UserModeLinux kernel)
    {
        _kernel = kernel;
        _line = new GuestLine(kernel);
    }

    /// <summary>What `systemctl is-system-running` said at the end of the boot: `running`, or `degraded`.</summary>
    public string SystemState { get; private set; } = "";

    public GuestConsole Console => _kernel.Console;

    /// <summary>The host's processes that this guest consists of.</summary>
    public IReadOnlyList<int> Processes() => _kernel.Processes();

    private string Share => Path.Combine(_kernel.Directory, "share");

    /// <summary>Boots and returns when systemd has started everything.</summary>
    public static async Task<DebianGuest> BootAsync(CancellationToken cancellation = default)
    {
        var image = await DebianImage.PathAsync().WaitAsync(cancellation).ConfigureAwait(false);
        var directory = UserModeLinux.NewDirectory("debian");
        var kernel = UserModeLinux.Start(
            directory, $"ubd0={Path.Combine(directory, "overlay")},{image}", "root=/dev/ubda", "rw", "init=/sbin/init");
        var machine = new DebianGuest(kernel);
        try
        {
            await machine.FinishBootAsync(cancellation).ConfigureAwait(false);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs a program as root in /root. At the limit it is killed, with what it started, and that is an error.</summary>
    public async Task<CommandResult> RunAsync(
        IReadOnlyList<string> arguments, TimeSpan? limit = null, string? input = null, CancellationToken cancellation = default)
    {
        var id = _line.NewJob();
        var job = new JobFiles(Path.Combine(Share, "jobs", id.ToString(CultureInfo.InvariantCulture)));
        job.Write(arguments, input);
        var timeLimit = limit ?? DefaultLimit;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeLimit);
        try
        {
            var status = await _line.RunAsync(id, deadline.Token).ConfigureAwait(false);
            return job.Read(arguments, status);
        }
        catch (OperationCanceledException)
        {
            await KillJobAsync(id).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException(
                $"in the guest, killed after {timeLimit.TotalSeconds:0} s: {job.Read(arguments, 137)}\n{Console.Report()}");
        }
    }

    /// <summary>Runs a line of bash, for pipes and redirections.</summary>
    public Task<CommandResult> ShellAsync(string script, TimeSpan? limit = null, CancellationToken cancellation = default) =>
        RunAsync(["bash", "-c", script], limit, input: null, cancellation);

    /// <summary>Copies a file or a folder of the host, with its modes, to this path in the guest.</summary>
    public async Task CopyInAsync(string hostPath, string guestPath)
    {
        var (outside, inside) = NewCopy();
        Command.TryRun(["cp", "-a", "--reflink=auto", "--", hostPath, outside], limit: DefaultLimit).EnsureSuccess();
        (await RunAsync(["cp", "-aT", "--", inside, guestPath]).ConfigureAwait(false)).EnsureSuccess();
        Command.Run("rm", "-rf", "--", outside);
    }

    /// <summary>Copies a file or a folder of the guest to this path on the host.</summary>
    public async Task CopyOutAsync(string guestPath, string hostPath)
    {
        var (outside, inside) = NewCopy();
        (await RunAsync(["cp", "-aT", "--", guestPath, inside]).ConfigureAwait(false)).EnsureSuccess();
        // Or the last bytes would still be in the guest's cache.
        (await RunAsync(["sync", "--file-system", inside]).ConfigureAwait(false)).EnsureSuccess();
        Command.TryRun(["cp", "-aT", "--", outside, hostPath], limit: DefaultLimit).EnsureSuccess();
        Command.Run("rm", "-rf", "--", outside);
    }

    /// <summary>The journal of this boot, or of one unit in it.</summary>
    public async Task<string> JournalAsync(string? unit = null)
    {
        string[] ofUnit = unit is null ? [] : ["--unit", unit];
        var result = await RunAsync(["journalctl", "--boot", "--no-pager", "--output=short-precise", .. ofUnit]).ConfigureAwait(false);
        return result.EnsureSuccess().Output;
    }

    /// <summary>Shuts down in order, as an operator would, and waits until the guest is gone.</summary>
    public async Task PowerOffAsync()
    {
        _line.PowerOff();
        await _kernel.WaitForPowerOffAsync(PowerOffLimit).ConfigureAwait(false);
    }

    /// <summary>Shuts down in order and boots again from what it has on its disk.</summary>
    public async Task RebootAsync(CancellationToken cancellation = default)
    {
        await PowerOffAsync().ConfigureAwait(false);
        await _line.ClosedAsync().ConfigureAwait(false);
        _kernel.StartAgain();
        _line = new GuestLine(_kernel);
        await FinishBootAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends the guest at once; its overlay goes, its console goes to out/tests/.</summary>
    public async ValueTask DisposeAsync()
    {
        await _kernel.DisposeAsync().ConfigureAwait(false);
        await _line.ClosedAsync().ConfigureAwait(false);
    }

    private async Task FinishBootAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(BootLimit);
        try
        {
            Directory.CreateDirectory(Share);
            await _line.OpenAsync(Share, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new GuestException($"not up within {BootLimit.TotalSeconds:0} s", Console);
        }

        var state = await RunAsync(
            ["systemctl", "is-system-running", "--wait"], BootLimit, input: null, deadline.Token).ConfigureAwait(false);
        SystemState = state.Output.Trim();
    }

    private async Task KillJobAsync(int id)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _line.KillAsync(id, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await _kernel.KillAsync().ConfigureAwait(false);
            throw new GuestException("the guest no longer answers and was killed", Console);
        }
    }

    private (string Outside, string Inside) NewCopy()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"copy-{Interlocked.Increment(ref _lastCopy)}");
        return (Path.Combine(Share, name), $"/host/{name}");
    }
}
