using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Daemon.Mapping;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class HistoryMappingTests
{
    private static readonly HistoryEntry Entry = new()
    {
        Generation = 7,
        AcceptedAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(2)),
        Caller = "CN=mgmt-1",
        RequestId = "r-1",
        Term = 3,
        Method = "HostNetwork/Rollback",
        Summary = "back to 5",
        Note = "as it was",
        Outcome = ChangeOutcome.AwaitingConfirm,
        Confirmation = Confirmation.Awaited,
        Restores = 5,
    };

    [Test]
    public void Entry_EveryFieldSet_IsTheContracts() => Assert.That(HistoryMapping.ToMessage(Entry), Is.EqualTo(new V1.HistoryEntry
    {
        Generation = 7,
        AcceptedAt = Timestamp.FromDateTime(new DateTime(2026, 2, 3, 2, 5, 6, DateTimeKind.Utc)),
        Caller = "CN=mgmt-1",
        RequestId = "r-1",
        Term = 3,
        Method = "HostNetwork/Rollback",
        Summary = "back to 5",
        Note = "as it was",
        Outcome = V1.ChangeOutcome.AwaitingConfirm,
        Confirmation = V1.Confirmation.Awaited,
        RestoresGeneration = 5,
    }));

    [Test]
    public void Entry_RestoringNothing_LeavesItUnset() =>
        Assert.That(HistoryMapping.ToMessage(Entry with { Restores = null }).HasRestoresGeneration, Is.False);

    [Test]
    public void Entry_RestoringGenerationZero_IsNotTakenForUnset() =>
        Assert.That(HistoryMapping.ToModel(HistoryMapping.ToMessage(Entry with { Restores = 0 })).Restores, Is.EqualTo(0));

    [Test]
    public void Outcome_Each_HasItsOwn([Values] ChangeOutcome outcome)
    {
        var message = HistoryMapping.ToMessage(Entry with { Outcome = outcome });
        Assert.That(message.Outcome.ToString(), Is.EqualTo(outcome.ToString()));
        Assert.That(HistoryMapping.ToModel(message).Outcome, Is.EqualTo(outcome));
    }

    [Test]
    public void Confirmation_Each_HasItsOwn([Values] Confirmation confirmation)
    {
        var message = HistoryMapping.ToMessage(Entry with { Confirmation = confirmation });
        Assert.That(message.Confirmation.ToString(), Is.EqualTo(confirmation.ToString()));
        Assert.That(HistoryMapping.ToModel(message).Confirmation, Is.EqualTo(confirmation));
    }

    [Test]
    public void Contract_HasNoOutcomeThatTheModelLacks() => Assert.That(
        Enum.GetNames<V1.ChangeOutcome>().Except(["Unspecified"]), Is.EquivalentTo(Enum.GetNames<ChangeOutcome>()));
}
