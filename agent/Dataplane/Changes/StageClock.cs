using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>How long each stage of a change took, in the order in which they first ran.</summary>
internal sealed class StageClock(TimeProvider time)
{
    private readonly List<StageDuration> _stages = [];

    public IReadOnlyList<StageDuration> Stages => [.. _stages];

    public long Now => time.GetTimestamp();

    /// <summary>Counts the time since then to the stage.</summary>
    public void Spent(ChangeStage stage, long since)
    {
        var spent = time.GetElapsedTime(since);
        var known = _stages.FindIndex(s => s.Stage == stage);
        if (known < 0)
        {
            _stages.Add(new StageDuration(stage, spent));
        }
        else
        {
            _stages[known] = new StageDuration(stage, _stages[known].Duration + spent);
        }
    }
}
