using System.CommandLine;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>How a change is to be made: the options that all commands share which change something.</summary>
internal sealed class ChangeArguments
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be done, and do nothing" };
    private readonly Option<bool> _disruption = new("--allow-disruption") { Description = "Allow what interrupts traffic of ports in use" };

    private readonly Option<TimeSpan?> _confirmWithin = new("--confirm-within")
    {
        Description = "Undo it unless confirm comes within this time, such as 60s or 5m",
        HelpName = "DURATION",
        CustomParser = Parsing.Duration,
    };

    private readonly Option<string?> _note = new("--note") { Description = "Why, for the history", HelpName = "TEXT" };

    private readonly Option<string?> _requestId = new("--request-id")
    {
        Description = "The request's id; a new one unless given. The same one again is the same request",
        HelpName = "ID",
    };

    /// <summary>For what changes the kernel.</summary>
    public void AddAllTo(Command command)
    {
        command.Options.Add(_dryRun);
        command.Options.Add(_disruption);
        command.Options.Add(_confirmWithin);
        AddFewTo(command);
    }

    /// <summary>For what changes nothing there.</summary>
    public void AddFewTo(Command command)
    {
        command.Options.Add(_note);
        command.Options.Add(_requestId);
    }

    public ChangeOptions Read(ParseResult arguments) => new()
    {
        RequestId = arguments.GetValue(_requestId) ?? Guid.NewGuid().ToString(),
        DryRun = Has(arguments, _dryRun),
        AllowDisruption = Has(arguments, _disruption),
        ConfirmWithin = arguments.GetResult(_confirmWithin) is null ? null : arguments.GetValue(_confirmWithin)?.ToDuration(),
        Note = arguments.GetValue(_note) ?? "",
    };

    private static bool Has(ParseResult arguments, Option<bool> option) => arguments.GetResult(option) is not null && arguments.GetValue(option);
}
