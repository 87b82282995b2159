using System.CommandLine;
using System.Net;
using Cloudbr.Agent.Cli.Output;
using Grpc.Core;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>What every command shares: where the agent is, how answers are printed, and what a failed call looks like.</summary>
internal sealed class CommandRunner
{
    private readonly Option<string> _socket = new("--socket")
    {
        Description = "The agent's Unix socket",
        HelpName = "PATH",
        Recursive = true,
        DefaultValueFactory = _ => ConnectionOptions.DefaultSocket,
    };

    private readonly Option<IPEndPoint?> _insecure = new("--insecure")
    {
        Description = "Reach the agent by TCP without TLS instead",
        HelpName = "127.0.0.1:PORT",
        Recursive = true,
        CustomParser = Parsing.EndPoint,
    };

    private readonly Option<OutputFormat> _output = new("--output", "-o")
    {
        Description = "How answers are printed: text for people, json for programs",
        HelpName = "text|json",
        Recursive = true,
        CustomParser = Parsing.Format,
    };

    public void AddOptionsTo(Command root)
    {
        root.Options.Add(_socket);
        root.Options.Add(_insecure);
        root.Options.Add(_output);
    }

    /// <summary>Gives <paramref name="command"/> its action, with a connection and a printer.</summary>
    public void SetAction(Command command, Func<CommandContext, Task<int>> action) => command.SetAction(async (arguments, cancellation) =>
    {
        using var connection = new Connection(new ConnectionOptions(arguments.GetValue(_socket)!, arguments.GetValue(_insecure)));
        var printer = new Printer(arguments.InvocationConfiguration.Output, arguments.GetValue(_output));
        var error = arguments.InvocationConfiguration.Error;
        try
        {
            return await action(new CommandContext(arguments, connection.Calls, printer, cancellation) { SameAgent = SameAgent(arguments) });
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            await error.WriteLineAsync($"cloudbrctl: {Describe(e, connection)}");
            if (connection.Failure is { Hint.Length: > 0 } failure)
            {
                await error.WriteLineAsync(failure.Hint);
            }

            return ExitCode.Unreachable;
        }
        catch (RpcException e)
        {
            await error.WriteLineAsync($"cloudbrctl: the agent answered {e.StatusCode}: {e.Status.Detail}");
            return ExitCode.Refused;
        }
    });

    /// <summary>As they were given, and nothing if none was needed.</summary>
    private string SameAgent(ParseResult arguments)
    {
        var socket = arguments.GetValue(_socket)!;
        return arguments.GetValue(_insecure) is { } endpoint ? $" --insecure {endpoint}"
            : socket == ConnectionOptions.DefaultSocket ? ""
            : socket.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+@%,:".Contains(c, StringComparison.Ordinal)) ? $" --socket {socket}"
            : $" --socket '{socket.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    private static string Describe(RpcException e, Connection connection) =>
        connection.Failure is { } failure ? $"no agent answers on {connection.Where}: {failure.Words}"
        : e.StatusCode == StatusCode.DeadlineExceeded
            ? $"the agent on {connection.Where} has not answered in time; it may hang"
        : $"lost the agent on {connection.Where}: {e.Status.Detail.ReplaceLineEndings(" ")}";
}

/// <summary>What a command's action works with.</summary>
internal sealed record CommandContext(ParseResult Arguments, CallInvoker Calls, Printer Printer, CancellationToken Cancellation)
{
    /// <summary>The options that lead another command to the same agent, ready for a shell.</summary>
    public string SameAgent { get; init; } = "";

    /// <summary>No answer to a simple question takes longer, unless something is wrong.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    /// <summary>Changing everything on a large host takes seconds, and may wait for others to finish theirs.</summary>
    private static readonly TimeSpan ChangeTime = TimeSpan.FromMinutes(5);

    /// <summary>For calls that are answered when the kernel has been changed.</summary>
    public CallOptions Patiently => new(deadline: DateTime.UtcNow + ChangeTime, cancellationToken: Cancellation);

    /// <summary>For calls that are answered at once.</summary>
    public CallOptions Briefly => new(deadline: DateTime.UtcNow + AnswerTime, cancellationToken: Cancellation);
}
