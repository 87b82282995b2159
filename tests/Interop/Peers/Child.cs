using System.Collections.Concurrent;
using System.Diagnostics;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>A process that this run starts, with its error output kept for the test that fails because of it.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Task _readErrors;

    private Child(Process process)
    {
        _process = process;
        _readErrors = ReadErrorsAsync();
    }

    public string Errors => string.Join('\n', _errors);

    public bool HasExited => _process.HasExited;

    /// <summary>Resident memory now, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static Child Start(string program, IEnumerable<string> arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        // Keeps Python's bytecode out of the source tree, and a proxy that the machine may have out of the way.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["no_grpc_proxy"] = "localhost,127.0.0.1";
        return new Child(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, string? folder = null)
    {
        await using var child = Start(program, arguments, folder);
        child._process.StandardInput.Close();
        var output = await child._process.StandardOutput.ReadToEndAsync();
        var code = await child.ExitAsync();
        if (code != 0)
        {
            throw new InvalidOperationException($"{program} ended with {code}\n{output}\n{child.Errors}");
        }
    }

    public ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>The exit code, once the process has ended and all its errors were read.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        await _readErrors;
        return _process.ExitCode;
    }

    /// <summary>Asks the process to end by closing its input, and kills it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _readErrors;
        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _errors.Enqueue(line);
        }
    }
}
