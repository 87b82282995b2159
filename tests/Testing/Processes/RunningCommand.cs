using System.Diagnostics;
using System.Threading.Channels;

namespace Cloudbr.Agent.Testing.Processes;

/// <summary>A program running beside a test, whose lines can be awaited; it cannot outlive the test run.</summary>
public sealed class RunningCommand : IDisposable
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly TiedProcess _program;
    private int _openStreams = 2;

    public RunningCommand(params IReadOnlyList<string> arguments)
    {
        _program = TiedProcess.Start(arguments);
        _program.Process.OutputDataReceived += OnLine;
        _program.Process.ErrorDataReceived += OnLine;
        _program.Process.BeginOutputReadLine();
        _program.Process.BeginErrorReadLine();
    }

    public int Id => _program.Process.Id;

    /// <summary>The next line it writes to stdout or stderr that contains the text.</summary>
    public async Task<string> WaitForLineAsync(string text, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        var seen = new List<string>();
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(deadline.Token))
            {
                seen.Add(line);
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no line with \"{text}\" within {limit.TotalSeconds:0} s, only:\n{string.Join('\n', seen)}");
        }

        throw new InvalidOperationException($"ended without a line with \"{text}\", only:\n{string.Join('\n', seen)}");
    }

    /// <summary>All lines that were not taken yet, when it has closed stdout and stderr.</summary>
    public async Task<IReadOnlyList<string>> ReadToEndAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        var lines = new List<string>();
        await foreach (var line in _lines.Reader.ReadAllAsync(deadline.Token))
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>Its exit code, when it has ended.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        await _program.Process.WaitForExitAsync(deadline.Token);
        return _program.Process.ExitCode;
    }

    /// <summary>Ends its standard input, which some programs take for the order to end.</summary>
    public void CloseInput() => _program.Process.StandardInput.Close();

    public void Send(Signal signal) => SignalCalls.Send(Id, signal);

    /// <summary>Ends it as the kernel would: SIGKILL, no chance to clean up.</summary>
    public void Kill() => _program.Kill();

    public void Dispose() => _program.Dispose();

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is { } line)
        {
            _lines.Writer.TryWrite(line);
        }
        else if (Interlocked.Decrement(ref _openStreams) == 0)
        {
            _lines.Writer.Complete();
        }
    }
}
