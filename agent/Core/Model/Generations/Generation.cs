using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Model.Generations;

/// <summary>One accepted desired state, with all that the agent needs to go on from it after a restart.</summary>
public sealed record Generation
{
    public required HistoryEntry Entry { get; init; }

    public required HostConfig Config { get; init; }

    /// <summary>The sections that nobody has given as a whole yet: what is not in them may well be wanted.</summary>
    public ImmutableHashSet<ConfigSection> Undeclared { get; init; } = [];

    /// <summary>The settings that the agent holds, with the value each had before the agent first changed it.</summary>
    public ImmutableDictionary<string, string> PreviousSettings { get; init; } =
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Null unless a confirmation is awaited.</summary>
    public PendingConfirm? Pending { get; init; }

    /// <summary>
    /// Of the last generation before this one that awaited a confirmation; null if none did. The history may not have come to write it.
    /// </summary>
    public ConfirmResult? LastConfirm { get; init; }

    public ulong Number => Entry.Generation;

    /// <summary>It is kept.</summary>
    public Generation Confirmed() => this with
    {
        Pending = null,
        Entry = Entry with { Outcome = ChangeOutcome.Applied, Confirmation = Confirmation.Given },
    };

    /// <summary>The one before was restored, for this one was not confirmed, or could not be kept.</summary>
    public Generation TakenBack() => this with
    {
        Pending = null,
        Entry = Entry with
        {
            Outcome = ChangeOutcome.FailedUndone,
            Confirmation = Entry.Confirmation == Confirmation.Awaited ? Confirmation.Expired : Entry.Confirmation,
        },
    };
}

/// <summary>What became of a generation that awaited its confirmation.</summary>
public sealed record ConfirmResult(ulong Generation, bool IsGiven);

/// <summary>A generation that goes back to <paramref name="Fallback"/> unless it is confirmed in time, by the host's wall clock.</summary>
public sealed record PendingConfirm(ulong Generation, ulong Fallback, DateTimeOffset ConfirmBefore);
