using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Daemon.Mapping;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class FindingMappingTests
{
    public static Finding Sample { get; } = new()
    {
        Code = "OTHER_MANAGER",
        Subject = ObjectRef.Link("brvx-101", "web"),
        Severity = FindingSeverity.Error,
        Message = "somebody changes it",
        Evidence = [new Evidence("netlink", "mtu was 1400", DateTimeOffset.UnixEpoch.AddSeconds(2))],
        Remedy = "find out who",
        Affected = [ObjectRef.Network("web")],
        FirstSeen = DateTimeOffset.UnixEpoch.AddSeconds(1),
        LastSeen = DateTimeOffset.UnixEpoch.AddSeconds(4),
        TimesSeen = 3,
    };

    [Test]
    public void ToMessage_EveryField_HasItsPlace() => Assert.That(FindingMapping.ToMessage(Sample), Is.EqualTo(new V1.Finding
    {
        Id = "OTHER_MANAGER:brvx-101",
        Code = "OTHER_MANAGER",
        Severity = V1.FindingSeverity.Error,
        State = V1.FindingState.Open,
        Object = new V1.ObjectRef { Kind = V1.ObjectKind.Link, Id = "web", Name = "brvx-101" },
        Message = "somebody changes it",
        Evidence = { new V1.Evidence { Source = "netlink", Text = "mtu was 1400", ObservedAt = new Timestamp { Seconds = 2 } } },
        Remedy = "find out who",
        Affected = { new V1.ObjectRef { Kind = V1.ObjectKind.Network, Id = "web" } },
        FirstSeen = new Timestamp { Seconds = 1 },
        LastSeen = new Timestamp { Seconds = 4 },
        TimesSeen = 3,
    }));

    [Test]
    public void ToMessage_OneThatIsGone_IsCleared() =>
        Assert.That(FindingMapping.ToMessage(Sample with { IsOpen = false }).State, Is.EqualTo(V1.FindingState.Cleared));

    [Test]
    public void ToMessage_EverySeverity_IsTheContracts()
    {
        foreach (var severity in System.Enum.GetValues<FindingSeverity>())
        {
            Assert.That(FindingMapping.ToMessage(Sample with { Severity = severity }).Severity.ToString(), Is.EqualTo(severity.ToString()));
        }
    }
}
