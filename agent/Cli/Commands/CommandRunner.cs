using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Grpc.Core;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>What every command shares: where the agent is, how answers are printed, and what a failed call looks like.</summary>
internal sealed class CommandRunner
{
    /// <summary>EPIPE, which is what an IOException has as its HResult.</summary>
    private const int BrokenPipe = 32;

    /// <summary>sun_path of unix(7), without its terminating zero.</summary>
    private const int LongestSocketPath = 107;

    private readonly Option<string> _socket = new("--socket")
    {
        Description = "The agent's Unix socket",
        HelpName = "PATH",
        Recursive = true,
        DefaultValueFactory = _ => ConnectionOptions.DefaultSocket,
    };

    private readonly Option<string?> _insecure = new("--insecure")
    {
        Description = "Reach the agent by TCP without TLS instead", HelpName = "127.0.0.1:PORT", Recursive = true,
    };

    private readonly Option<OutputFormat> _output = new("--output", "-o")
    {
        Description = "How answers are printed", Recursive = true,
    };

    public void AddOptionsTo(Command root)
    {
        _insecure.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string?>();
            if (text is null || !Uri.TryCreate($"http://{text}", UriKind.Absolute, out var uri) || uri is not { PathAndQuery: "/", UserInfo: "" } || text.EndsWith(':'))
            {
                result.AddError($"--insecure is '{text}'; give an address and a port, such as 127.0.0.1:9440.");
            }
        });
        _socket.Validators.Add(result =>
        {
            var path = result.GetValueOrDefault<string>();
            if (string.IsNullOrEmpty(path) || System.Text.Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
            {
                result.AddError($"--socket is '{path}'; the path of a socket has 1 to {LongestSocketPath} bytes.");
            }
        });
        root.Options.Add(_socket);
        root.Options.Add(_insecure);
        root.Options.Add(_output);
    }

    /// <summary>Gives <paramref name="command"/> its action, with a connection and a printer.</summary>
    public void SetAction(Command command, Func<CommandContext, Task<int>> action) => command.SetAction(async (arguments, cancellation) =>
    {
        using var connection = new Connection(new ConnectionOptions(arguments.GetValue(_socket)!, arguments.GetValue(_insecure)));
        var error = arguments.InvocationConfiguration.Error;
        try
        {
            var printer = new Printer(arguments.InvocationConfiguration.Output, arguments.GetValue(_output));
            return await action(new CommandContext(arguments, connection.Calls, printer, cancellation));
        }
        catch (RpcException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C ends a watch; that is no failure.
            return ExitCode.Success;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
        {
            await error.WriteLineAsync($"cloudbrctl: the agent on {connection.Where} did not answer in time; it may hang. See: journalctl -u cloudbr-agent -n 50");
            return ExitCode.Unreachable;
        }
        catch (IOException e) when (e.HResult == BrokenPipe)
        {
            // Who reads has seen enough, such as head.
            return ExitCode.Success;
        }
        catch (IOException e)
        {
            await error.WriteLineAsync($"cloudbrctl: the answer could not be written: {e.Message}");
            return ExitCode.Refused;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            await error.WriteLineAsync($"cloudbrctl: no agent answers on {connection.Where}: {e.Status.Detail}");
            await error.WriteLineAsync("Is it running? See: systemctl status cloudbr-agent, journalctl -u cloudbr-agent -n 50");
            return ExitCode.Unreachable;
        }
        catch (RpcException e)
        {
            await error.WriteLineAsync($"cloudbrctl: the agent answered {e.StatusCode}: {e.Status.Detail}");
            return ExitCode.Refused;
        }
    });
}

/// <summary>What a command's action works with.</summary>
internal sealed record CommandContext(ParseResult Arguments, CallInvoker Calls, Printer Printer, CancellationToken Cancellation)
{
    /// <summary>No answer to a simple question takes longer, unless something is wrong.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    /// <summary>For calls that are answered at once.</summary>
    public CallOptions Briefly => new(deadline: DateTime.UtcNow + AnswerTime, cancellationToken: Cancellation);
}
