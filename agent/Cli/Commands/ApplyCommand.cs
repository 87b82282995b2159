using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;
using Google.Protobuf;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Makes the host what a file says.</summary>
internal static class ApplyCommand
{
    public static Command Create(CommandRunner runner)
    {
        var file = new Argument<string>("FILE") { Description = "A HostConfig as JSON, as config prints it; - reads standard input" };
        var change = new ChangeArguments();
        var command = new Command("apply", "Make the host as the config in FILE says") { file };
        change.AddAllTo(command);
        runner.SetAction(command, async context =>
        {
            var (config, fault) = await ReadAsync(context.Arguments.GetValue(file)!, context.Cancellation);
            if (config is null)
            {
                await context.Arguments.InvocationConfiguration.Error.WriteLineAsync($"cloudbrctl: {fault}");
                return ExitCode.Usage;
            }

            var response = await new HostNetwork.HostNetworkClient(context.Calls).ApplyAsync(
                new ApplyRequest { Change = change.Read(context.Arguments), Config = config },
                context.Patiently);
            context.Printer.Print(response, p => ReportText.Show(p, response.Report, context.SameAgent));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The config, or why there is none.</summary>
    private static async Task<(HostConfig? Config, string Fault)> ReadAsync(string file, CancellationToken cancellation)
    {
        var name = file == "-" ? "standard input" : file;
        try
        {
            var text = file == "-" ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(file, cancellation);
            return (JsonParser.Default.Parse<HostConfig>(text), "");
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            return (null, $"{name} is no config: {e.Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{name} cannot be read: {e.Message}");
        }
    }
}
