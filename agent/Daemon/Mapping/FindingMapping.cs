using Cloudbr.Agent.Core.Model.Drifts;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class FindingMapping
{
    public static V1.Finding ToMessage(Finding finding)
    {
        var message = new V1.Finding
        {
            Id = finding.Id,
            Code = finding.Code,
            Severity = finding.Severity switch
            {
                FindingSeverity.Info => V1.FindingSeverity.Info,
                FindingSeverity.Warning => V1.FindingSeverity.Warning,
                FindingSeverity.Error => V1.FindingSeverity.Error,
                _ => V1.FindingSeverity.Critical,
            },
            State = finding.IsOpen ? V1.FindingState.Open : V1.FindingState.Cleared,
            Object = FailureMapping.ToMessage(finding.Subject),
            Message = finding.Message,
            Remedy = finding.Remedy,
            FirstSeen = Timestamp.FromDateTimeOffset(finding.FirstSeen),
            LastSeen = Timestamp.FromDateTimeOffset(finding.LastSeen),
            TimesSeen = finding.TimesSeen,
        };
        message.Evidence.Add(finding.Evidence.Select(e => new V1.Evidence
        {
            Source = e.Source, Text = e.Text, ObservedAt = Timestamp.FromDateTimeOffset(e.ObservedAt),
        }));
        message.Affected.Add(finding.Affected.Select(FailureMapping.ToMessage));
        return message;
    }
}
