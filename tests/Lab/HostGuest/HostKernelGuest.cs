using System.Globalization;
using Cloudbr.Agent.Lab.Uml;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab.HostGuest;

/// <summary>
/// Linux 6.1 on the machine's own files, read-only: runs one program of the machine under a kernel that has 802.1Q,
/// bonding, netem and legacy xtables, and powers off. The program may write to <see cref="WritableDirectory"/> only.
/// </summary>
public sealed class HostKernelGuest : IAsyncDisposable
{
    private readonly JobFiles _job;
    private UserModeLinux? _kernel;

    public HostKernelGuest() => _job = new JobFiles(UserModeLinux.NewDirectory("host"));

    /// <summary>The same path inside and outside; gone with this object.</summary>
    public string WritableDirectory => _job.Directory;

    /// <summary>Boots, runs the program, powers off. Environment entries are `NAME=value`.</summary>
    public async Task<CommandResult> RunAsync(
        IReadOnlyList<string> arguments, TimeSpan limit, IReadOnlyList<string>? environment = null, CancellationToken cancellation = default)
    {
        _job.Write(arguments, input: null, environment ?? []);
        var init = Path.Combine(Repository.Root, "tests", "Lab", "guest", "host", "init");
        _kernel = UserModeLinux.Start(
            _job.Directory, "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", $"init={init}",
            $"LAB_SOURCE={Repository.Root}", $"LAB_SHARE={_job.Directory}", "quiet");
        try
        {
            await _kernel.WaitForPowerOffAsync(limit, cancellation).ConfigureAwait(false);
        }
        catch (GuestException e)
        {
            throw new GuestException($"{e.What}, while it ran {_job.Read(arguments, exitCode: -1)}", _kernel.Console);
        }

        return int.TryParse(_job.Text("status"), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var status)
            ? _job.Read(arguments, status)
            : throw new GuestException("the guest powered off before its program ended", _kernel.Console);
    }

    public ValueTask DisposeAsync() => _kernel?.DisposeAsync() ?? ValueTask.CompletedTask;
}
