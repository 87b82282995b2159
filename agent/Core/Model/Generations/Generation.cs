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

    public ulong Number => Entry.Generation;

    /// <summary>What is known of it once the one before was restored, a confirmation in vain or none asked for.</summary>
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

/// <summary>A generation that goes back to <paramref name="Fallback"/> unless it is confirmed in time, by the host's wall clock.</summary>
public sealed record PendingConfirm(ulong Generation, ulong Fallback, DateTimeOffset ConfirmBefore);
