using System.CommandLine;
using System.Globalization;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Who had this host changed, when, and to what?</summary>
internal static class HistoryCommand
{
    private const int UsualCount = 20;

    /// <summary>More at once the agent does not give.</summary>
    private const int MostAtOnce = 1000;

    /// <summary>Enough to name a commit; git takes it so.</summary>
    private const int ShortCommit = 10;

    public static Command Create(CommandRunner runner)
    {
        var count = new Option<int?>("--count")
        {
            Description = $"Show so many generations, the newest; {UsualCount} unless given",
            HelpName = "N",
            CustomParser = Parsing.Count,
        };
        var command = new Command("history", "Show the generations of the desired state, the newest first") { count };
        runner.SetAction(command, async context =>
        {
            var response = await ListAsync(context, context.Arguments.GetValue(count) ?? UsualCount);
            context.Printer.Print(response, p => Show(p, response));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>As one answer, however many it took.</summary>
    private static async Task<ListHistoryResponse> ListAsync(CommandContext context, int count)
    {
        var client = new HostNetwork.HostNetworkClient(context.Calls);
        var found = new ListHistoryResponse();
        do
        {
            var request = new ListHistoryRequest { PageSize = (uint)Math.Min(count - found.Entries.Count, MostAtOnce), PageToken = found.NextPageToken };
            var page = await client.ListHistoryAsync(request, context.Briefly);
            found.Entries.Add(page.Entries);
            (found.NextPageToken, found.HistoryOffReason) = (page.NextPageToken, page.HistoryOffReason);
        }
        while (found.NextPageToken.Length > 0 && found.Entries.Count < count);

        return found;
    }

    private static void Show(Printer printer, ListHistoryResponse response)
    {
        if (response.HistoryOffReason.Length > 0)
        {
            printer.Line($"warning: there is no history in git: {response.HistoryOffReason}");
        }

        printer.Table(
            ["GENERATION", "WHEN", "WHO", "METHOD", "CONFIRMATION", "RESTORES", "COMMIT", "SUMMARY"],
            response.Entries.Select(e => new[]
            {
                $"{e.Generation}",
                Words.ToTheSecond(e.AcceptedAt),
                e.Caller,
                e.Method[(e.Method.IndexOf('/', StringComparison.Ordinal) + 1)..],
                Words.Of(e.Confirmation),
                e.HasRestoresGeneration ? e.RestoresGeneration.ToString(CultureInfo.InvariantCulture) : "",
                e.Commit[..Math.Min(e.Commit.Length, ShortCommit)],
                e.Note.Length > 0 ? $"{e.Summary} ({e.Note})" : e.Summary,
            }));
    }
}
