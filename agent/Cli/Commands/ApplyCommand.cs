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
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, and do nothing" };
        var disruption = new Option<bool>("--allow-disruption") { Description = "Allow what interrupts traffic of ports in use" };
        var requestId = new Option<string?>("--request-id")
        {
            Description = "The request's id; a new one unless given. The same one again is the same request",
            HelpName = "ID",
        };
        var command = new Command("apply", "Make the host as the config in FILE says") { file, dryRun, disruption, requestId };
        runner.SetAction(command, async context =>
        {
            var (config, fault) = await ReadAsync(context.Arguments.GetValue(file)!, context.Cancellation);
            if (config is null)
            {
                await context.Arguments.InvocationConfiguration.Error.WriteLineAsync($"cloudbrctl: {fault}");
                return ExitCode.Usage;
            }

            var response = await new HostNetwork.HostNetworkClient(context.Calls).ApplyAsync(
                new ApplyRequest
                {
                    Change = new ChangeOptions
                    {
                        RequestId = context.Arguments.GetValue(requestId) ?? Guid.NewGuid().ToString(),
                        DryRun = context.Arguments.GetValue(dryRun),
                        AllowDisruption = context.Arguments.GetValue(disruption),
                    },
                    Config = config,
                },
                context.Patiently);
            context.Printer.Print(response, p => Show(p, response.Report));
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

    private static void Show(Printer printer, ChangeReport report)
    {
        printer.Line(report.Outcome switch
        {
            ChangeOutcome.Applied => $"applied: generation {report.Generation}, {Steps(report)}",
            ChangeOutcome.Unchanged => $"unchanged: generation {report.Generation}",
            ChangeOutcome.Planned => $"planned against generation {report.Generation}: {Steps(report)}",
            var other => $"{other.ToString().ToLowerInvariant()}: generation {report.Generation}, {Steps(report)}",
        });
        foreach (var warning in report.Warnings)
        {
            printer.Line($"warning: {warning.Message}");
        }

        if (report.Changes.Count > 0)
        {
            printer.Line("");
            printer.Table(
                ["STEP", "ACTION", "OBJECT", "OF", "IMPACT", "CHANGES"],
                report.Changes.Select(c => new[]
                {
                    $"{c.Step}",
                    c.Action.ToString().ToLowerInvariant(),
                    c.Object.Name.Length > 0 ? $"{Words.Of(c.Object.Kind)} {c.Object.Name}" : Words.Of(c.Object.Kind),
                    c.Object.Id,
                    c.Impact == ChangeImpact.Disruptive ? "DISRUPTIVE" : "",
                    string.Join(", ", c.Attributes.Select(Words.Of)),
                }));
        }
    }

    private static string Steps(ChangeReport report) => report.Changes.Count == 1 ? "1 step" : $"{report.Changes.Count} steps";
}
