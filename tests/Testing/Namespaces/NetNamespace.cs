using System.Globalization;
using System.Runtime.ExceptionServices;
using Cloudbr.Agent.Testing.Processes;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>
/// A network namespace for one test, without a name: only an open file of this process holds it, so the kernel takes
/// it away with everything in it when the process ends, also by SIGKILL. Tests in parallel cannot meet in it.
/// </summary>
public sealed class NetNamespace : IDisposable
{
    private readonly SafeFileHandle _handle;

    private NetNamespace(SafeFileHandle handle)
    {
        _handle = handle;
        Path = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}");
        Identity = File.ResolveLinkTarget(Path, returnFinalTarget: false)?.Name ?? Path;
    }

    /// <summary>Where other processes find it, e.g. `ip link set eth0 netns PATH`; valid until disposed.</summary>
    public string Path { get; }

    /// <summary>The open file that is the namespace, for what can be told where to work.</summary>
    public SafeFileHandle Handle => _handle;

    /// <summary>The kernel's name for it, as `net:[4026532001]`.</summary>
    public string Identity { get; }

    /// <summary>Makes a namespace whose loopback is up.</summary>
    public static NetNamespace Create()
    {
        SafeFileHandle? handle = null;
        OnThread(() =>
        {
            using var home = NamespaceCalls.OpenCurrent();
            NamespaceCalls.UnshareNetwork();
            try
            {
                DeviceCalls.BringUp("lo");
                handle = NamespaceCalls.OpenCurrent();
            }
            finally
            {
                NamespaceCalls.Enter(home);
            }
        });
        return new NetNamespace(handle!);
    }

    /// <summary>
    /// Runs the action on a thread inside the namespace. Sockets opened there stay in the namespace wherever they are
    /// used later. Only blocking code belongs in it: a thread born there stays there (see <see cref="Dispose"/>).
    /// </summary>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <inheritdoc cref="Run(Action)"/>
    public T Run<T>(Func<T> function)
    {
        if (typeof(T).IsAssignableTo(typeof(Task)))
        {
            throw new ArgumentException("an awaited continuation would run on a thread outside the namespace", nameof(function));
        }

        T? result = default;
        OnThread(() =>
        {
            using var home = NamespaceCalls.OpenCurrent();
            NamespaceCalls.Enter(_handle);
            try
            {
                result = function();
            }
            finally
            {
                NamespaceCalls.Enter(home);
            }
        });
        return result!;
    }

    /// <summary>
    /// Runs several commands of `ip` as one program, up to the first that fails: <c>host.Ip("link set eth0 up")</c>.
    /// </summary>
    public void Ip(params IReadOnlyList<string> commands) =>
        TryExec(["ip", "-batch", "-"], string.Concat(commands.Select(command => command + '\n'))).EnsureSuccess();

    /// <summary>Whether a device's operational state is UP.</summary>
    public bool IsUp(string device) => Run(() => DeviceCalls.IsOperational(device));

    /// <summary>Runs a program inside the namespace; throws with its output when it fails.</summary>
    public CommandResult Exec(params IReadOnlyList<string> arguments) => TryExec(arguments).EnsureSuccess();

    /// <summary>Runs a program inside the namespace and returns whatever came of it.</summary>
    public CommandResult TryExec(IReadOnlyList<string> arguments, string? input = null, TimeSpan? limit = null) =>
        Command.TryRun(Inside(arguments), input, limit) with { Arguments = arguments };

    /// <summary>Starts a program inside the namespace that runs beside the test.</summary>
    public RunningCommand Start(params IReadOnlyList<string> arguments) => new(Inside(arguments));

    /// <summary>Listens to the namespace's kernel events from now on.</summary>
    public KernelEvents Listen() => Run(KernelEvents.Open);

    /// <summary>Waits until the condition holds, looking again whenever the kernel reports a change.</summary>
    public void WaitUntil(string what, Func<bool> condition, TimeSpan? limit = null)
    {
        using var events = Listen();
        events.WaitUntil(what, condition, limit);
    }

    /// <summary>
    /// Lets go of the namespace. A thread of ours still in it (a pool thread born while <see cref="Run(Action)"/> ran
    /// asynchronous code) would run other tests' work in a namespace that nobody expects: that is an error here.
    /// </summary>
    public void Dispose()
    {
        if (_handle.IsClosed)
        {
            return;
        }

        var strays = ThreadsInside();
        _handle.Dispose();
        if (strays.Count > 0)
        {
            throw new InvalidOperationException($"threads left inside {Identity}: {string.Join(", ", strays)}");
        }
    }

    private List<string> ThreadsInside()
    {
        var strays = new List<string>();
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                if (File.ResolveLinkTarget($"{task}/ns/net", returnFinalTarget: false)?.Name == Identity)
                {
                    strays.Add(File.ReadAllText($"{task}/comm").Trim());
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The thread ended since the listing, or is ending: the kernel shows nobody what it has let go of. It is in no namespace.
            }
        }

        return strays;
    }

    // nsenter moves the child and not a thread of ours: .NET may make pool threads from whatever thread starts a process.
    private List<string> Inside(IReadOnlyList<string> arguments) => ["nsenter", $"--net={Path}", "--", .. arguments];

    private static void OnThread(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true, Name = "in a namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
