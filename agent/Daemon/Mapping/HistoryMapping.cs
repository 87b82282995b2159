using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Generations;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Who asked for a generation, when, and how it ended.</summary>
internal static class HistoryMapping
{
    public static V1.HistoryEntry ToMessage(HistoryEntry entry)
    {
        var message = new V1.HistoryEntry
        {
            Generation = entry.Generation,
            AcceptedAt = Timestamp.FromDateTimeOffset(entry.AcceptedAt),
            Caller = entry.Caller,
            RequestId = entry.RequestId,
            Term = entry.Term,
            Method = entry.Method,
            Summary = entry.Summary,
            Note = entry.Note,
            Outcome = ToMessage(entry.Outcome),
            Confirmation = entry.Confirmation switch
            {
                Confirmation.NotAsked => V1.Confirmation.NotAsked,
                Confirmation.Awaited => V1.Confirmation.Awaited,
                Confirmation.Given => V1.Confirmation.Given,
                _ => V1.Confirmation.Expired,
            },
        };
        if (entry.Restores is { } restores)
        {
            message.RestoresGeneration = restores;
        }

        return message;
    }

    /// <summary>Its commit is no part of the model: where it is wanted, the history in git is asked.</summary>
    /// <exception cref="InvalidDataException">It is none that this agent would have written.</exception>
    public static HistoryEntry ToModel(V1.HistoryEntry entry) => new()
    {
        Generation = entry.Generation,
        AcceptedAt = ToTime(entry.AcceptedAt, "accepted_at"),
        Caller = entry.Caller,
        RequestId = entry.RequestId,
        Term = entry.Term,
        Method = entry.Method,
        Summary = entry.Summary,
        Note = entry.Note,
        Outcome = ToModel(entry.Outcome),
        Confirmation = entry.Confirmation switch
        {
            V1.Confirmation.NotAsked => Confirmation.NotAsked,
            V1.Confirmation.Awaited => Confirmation.Awaited,
            V1.Confirmation.Given => Confirmation.Given,
            V1.Confirmation.Expired => Confirmation.Expired,
            var other => throw new InvalidDataException($"entry.confirmation: {(int)other} is none that this agent knows"),
        },
        Restores = entry.HasRestoresGeneration ? entry.RestoresGeneration : null,
    };

    public static V1.ChangeOutcome ToMessage(ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.Applied => V1.ChangeOutcome.Applied,
        ChangeOutcome.Unchanged => V1.ChangeOutcome.Unchanged,
        ChangeOutcome.Planned => V1.ChangeOutcome.Planned,
        ChangeOutcome.AwaitingConfirm => V1.ChangeOutcome.AwaitingConfirm,
        ChangeOutcome.FailedUndone => V1.ChangeOutcome.FailedUndone,
        _ => V1.ChangeOutcome.FailedIncomplete,
    };

    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static DateTimeOffset ToTime(Timestamp? time, string field)
    {
        if (time is null)
        {
            throw new InvalidDataException($"{field} is missing");
        }

        try
        {
            return time.ToDateTimeOffset();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{field}: {time.Seconds} s and {time.Nanos} ns make no time", e);
        }
    }

    private static ChangeOutcome ToModel(V1.ChangeOutcome outcome) => outcome switch
    {
        V1.ChangeOutcome.Applied => ChangeOutcome.Applied,
        V1.ChangeOutcome.Unchanged => ChangeOutcome.Unchanged,
        V1.ChangeOutcome.Planned => ChangeOutcome.Planned,
        V1.ChangeOutcome.AwaitingConfirm => ChangeOutcome.AwaitingConfirm,
        V1.ChangeOutcome.FailedUndone => ChangeOutcome.FailedUndone,
        V1.ChangeOutcome.FailedIncomplete => ChangeOutcome.FailedIncomplete,
        var other => throw new InvalidDataException($"entry.outcome: {(int)other} is none that this agent knows"),
    };
}
