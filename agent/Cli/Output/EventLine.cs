using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>One event as one line.</summary>
internal static class EventLine
{
    /// <summary>What others said, such as a tool's words in a failure, may have several lines.</summary>
    public static string Of(Event happened) => $"{Words.Of(happened.Time)} {Tell(happened)}".ReplaceLineEndings(" ");

    private static string Tell(Event happened) => happened.PayloadCase switch
    {
        Event.PayloadOneofCase.Opened => $"opened    run {happened.Opened.InstanceId}",
        Event.PayloadOneofCase.Heartbeat => Tell(happened.Heartbeat),
        Event.PayloadOneofCase.Gap => Tell(happened.Gap),
        Event.PayloadOneofCase.Change => $"change    {ChangeLine.Of(happened.Change)}",
        Event.PayloadOneofCase.Drift => $"drift     {Tell(happened.Drift)}",
        Event.PayloadOneofCase.Finding => $"finding   {Tell(happened.Finding)}",
        Event.PayloadOneofCase.Port => $"port      {Tell(happened.Port)}",
        var other => $"{other.ToString().ToLowerInvariant(),-9} (this cloudbrctl cannot show it in words; use -o json)",
    };

    private static string Tell(Heartbeat heartbeat) =>
        $"heartbeat {heartbeat.Sequence} {Words.Of(heartbeat.Status)}, generation {heartbeat.Generation}, up {Words.Of(heartbeat.Uptime)}";

    private static string Tell(Drift drift)
    {
        var what = drift.Kind switch
        {
            DriftKind.Removed => "was gone",
            DriftKind.Unexpected => "was there and should not be",
            DriftKind.Changed when drift.Attributes.Count > 0 => string.Join(", ", drift.Attributes.Select(a =>
                $"had {a.Name} {(a.HasAfter ? a.After : "unset")} instead of {(a.HasBefore ? a.Before : "unset")}")),
            _ => "was not as desired",
        };
        var done = drift.Handling switch
        {
            DriftHandling.Healed => $"healed in {Words.Milliseconds(drift.HealDuration)}",
            DriftHandling.Observed => "left as it is, as the mode says",
            DriftHandling.BackedOff => "LEFT for a while, for somebody else changes it as fast as it is healed",
            DriftHandling.Failed => $"NOT HEALED: {drift.Failure?.Message}",
            _ => "what was done about it is unknown",
        };
        var by = drift.LikelyCause.Length > 0 ? $" (probably by {drift.LikelyCause})" : "";
        return $"{Words.Of(drift.Object)} {what}{by}; {done}; noticed by {Words.Of(drift.Source)}";
    }

    private static string Tell(Finding finding) => finding.State == FindingState.Cleared
        ? $"{finding.Code} at {Words.Of(finding.Object)} is over"
        : FindingLine.Of(finding);

    private static string Tell(PortEvent port)
    {
        var (realisation, device) = (port.Realisation, port.Realisation.Device);
        var what = realisation.Presence switch
        {
            PortPresence.Waiting => "waits for its device",
            PortPresence.Attached => $"has {device} on {realisation.Bridge}",
            PortPresence.Detached => $"has {device} on no bridge",
            PortPresence.Elsewhere => $"has {device} on ANOTHER bridge than {realisation.Bridge}",
            _ => "has its device nobody knows where",
        };
        var rules = port.FollowDuration is null ? "" : $"; its rules followed in {Words.Milliseconds(port.FollowDuration)}";
        return $"{port.NicId} {what} (was {Words.Of(port.Before)}){rules}";
    }

    private static string Tell(Gap gap)
    {
        if (gap.Cause == GapCause.KernelOverrun)
        {
            return "gap       the kernel dropped reports; everything was read anew, and what came and went in between is unknown";
        }

        var cause = gap.Cause switch
        {
            GapCause.SlowReader => "this reader was too slow",
            GapCause.NotRetained => "they are no longer retained",
            GapCause.AgentRestarted => "the agent has restarted",
            _ => "for an unknown cause",
        };
        return $"gap       {(gap.HasLostEvents ? $"{gap.LostEvents} events were" : "an unknown number of events was")} lost: {cause}";
    }
}
