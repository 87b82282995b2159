using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>The answers to the changes of a turn, in the order in which they were asked for, and what all their reports have in common.</summary>
internal sealed class ChangeAnswers(IReadOnlyList<WaitingChange> asked, TimeProvider time)
{
    private readonly ChangeResult?[] _all = new ChangeResult?[asked.Count];
    private readonly long _began = time.GetTimestamp();

    public StageClock Clock { get; } = new(time);

    public DateTimeOffset AcceptedAt { get; } = time.GetUtcNow();

    public TimeSpan SinceBegin => time.GetElapsedTime(_began);

    public ChangeResult this[int at]
    {
        set => _all[at] = value;
    }

    public bool Has(int at) => _all[at] is not null;

    /// <summary>All of them, when nobody is left without.</summary>
    public IReadOnlyList<ChangeResult> All() => _all!;

    public void Refuse(int at, IReadOnlyList<Failure> failures, DataplaneView view) => _all[at] = new ChangeResult(
        new ChangeReport
        {
            RequestId = asked[at].Options.RequestId,
            Outcome = ChangeOutcome.FailedUndone,
            Generation = view.Generation,
            PreviousGeneration = view.Generation,
            Failures = failures,
            Stages = Stages(asked[at]),
            AcceptedAt = AcceptedAt,
        },
        view.Desired);

    public void RefuseRest(Failure failure, DataplaneView view)
    {
        for (var i = 0; i < asked.Count; i++)
        {
            if (!Has(i))
            {
                Refuse(i, [failure], view);
            }
        }
    }

    public ChangeReport Report(Member member, ChangeOutcome outcome) => new()
    {
        RequestId = member.Change.Options.RequestId,
        Outcome = outcome,
        Generation = member.Generation,
        PreviousGeneration = member.Previous,
        Stages = Stages(member.Change),
        AcceptedAt = AcceptedAt,
    };

    private IReadOnlyList<StageDuration> Stages(WaitingChange change) =>
        [new StageDuration(ChangeStage.Queue, time.GetElapsedTime(change.Arrived, _began)), .. Clock.Stages];
}
