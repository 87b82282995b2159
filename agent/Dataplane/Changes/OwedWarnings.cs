using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>What a report says as long as the disk does not have what became of the last change.</summary>
internal static class OwedWarnings
{
    public static IEnumerable<ChangeWarning> Of(Owed owed, ulong generation) => owed switch
    {
        Owed.Accept =>
        [
            Warning($"generation {generation} is in force, and the disk has it only as begun: an agent that is started again before the disk takes that finishes it, or takes it back if it cannot"),
        ],
        Owed.Abandon =>
        [
            Warning($"generation {generation} is in force, and the disk still has the one begun after it, which was taken back: an agent that is started again before the disk forgets that finishes it if it can"),
        ],
        Owed.Install =>
        [
            Warning($"generation {generation} is in force, and the disk still has the one before it, which was not confirmed: an agent that is started again before the disk takes that goes back once more, when the time to confirm is over"),
        ],
        _ => [],
    };

    private static ChangeWarning Warning(string text) => new("NOT_ON_DISK_YET", new ObjectRef(ObjectKind.Host), text);
}
