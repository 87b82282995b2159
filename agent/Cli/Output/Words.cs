using System.Globalization;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>The contract's values as operators say them.</summary>
internal static class Words
{
    public static string Of(AgentStatus? status) => status?.State switch
    {
        AgentState.Serving => "serving",
        AgentState.Applying => "applying",
        AgentState.Drifted => "drifted",
        AgentState.Degraded => "DEGRADED",
        _ => "unknown",
    };

    public static string Of(ServingStatus status) => status switch
    {
        ServingStatus.Serving => "SERVING",
        ServingStatus.NotServing => "NOT_SERVING",
        _ => "UNKNOWN",
    };

    public static string Of(FeatureState state) => state switch
    {
        FeatureState.Available => "available",
        FeatureState.Missing => "missing",
        _ => "unknown",
    };

    public static string Of(FirewallBackend backend) => backend switch
    {
        FirewallBackend.Nft => "nft",
        FirewallBackend.Legacy => "legacy",
        FirewallBackend.Unknown => "unknown",
        _ => "-",
    };

    /// <summary>"3d 04:05:06", to the second.</summary>
    public static string Of(Duration? duration)
    {
        if (duration is null)
        {
            return "?";
        }

        var time = TimeSpan.FromSeconds(duration.Seconds);
        var clock = time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
        return time.Days == 0 ? clock : string.Create(CultureInfo.InvariantCulture, $"{time.Days}d {clock}");
    }

    public static string Of(Timestamp? time) =>
        time?.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "?";
}
