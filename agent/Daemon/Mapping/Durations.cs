using Cloudbr.Agent.Core.Validation;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class Durations
{
    /// <summary>A duration can be sent that none is: seconds out of range, or nanoseconds of the other sign.</summary>
    public static TimeSpan? ToModel(Duration? duration, string path, Violations violations)
    {
        try
        {
            return duration?.ToTimeSpan();
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            violations.Add(path, $"{duration!.Seconds} s and {duration.Nanos} ns make no duration");
            return null;
        }
    }
}
