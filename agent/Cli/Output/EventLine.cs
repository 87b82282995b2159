using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>One event as one line.</summary>
internal static class EventLine
{
    public static string Of(Event happened) => $"{Words.Of(happened.Time)} {Tell(happened)}";

    private static string Tell(Event happened) => happened.PayloadCase switch
    {
        Event.PayloadOneofCase.Opened => $"opened    run {happened.Opened.InstanceId}",
        Event.PayloadOneofCase.Heartbeat => Tell(happened.Heartbeat),
        Event.PayloadOneofCase.Gap => Tell(happened.Gap),
        var other => $"{other.ToString().ToLowerInvariant(),-9} (this cloudbrctl cannot show it in words; use -o json)",
    };

    private static string Tell(Heartbeat heartbeat) =>
        $"heartbeat {heartbeat.Sequence} {Words.Of(heartbeat.Status)}, generation {heartbeat.Generation}, up {Words.Of(heartbeat.Uptime)}";

    private static string Tell(Gap gap)
    {
        var cause = gap.Cause switch
        {
            GapCause.SlowReader => "this reader was too slow",
            GapCause.NotRetained => "they are no longer retained",
            GapCause.AgentRestarted => "the agent has restarted",
            GapCause.KernelOverrun => "the kernel dropped them",
            _ => "for an unknown cause",
        };
        return $"gap       {(gap.HasLostEvents ? $"{gap.LostEvents} events were" : "an unknown number of events was")} lost: {cause}";
    }
}
