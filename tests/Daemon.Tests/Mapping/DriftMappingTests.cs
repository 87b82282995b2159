using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Daemon.Mapping;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class DriftMappingTests
{
    private static readonly Failure Refused = new()
    {
        Operation = "setlink", Subject = ObjectRef.Link("brvx-101", "web"), Reason = "DEVICE_BUSY", Message = "it is busy",
    };

    public static Drift Sample { get; } = new(
        ObjectRef.Link("brvx-101", "web"),
        DriftKind.Changed,
        [new AttributeChange("mtu", "1450", "1400"), new AttributeChange("master", null, "br9"), new AttributeChange("alias", "cloudbr", null)])
    {
        Handling = DriftHandling.Failed,
        Failure = Refused,
        NoticedAt = DateTimeOffset.UnixEpoch.AddSeconds(3),
        HealDuration = TimeSpan.FromMilliseconds(12),
        Source = DriftSource.Audit,
        LikelyCause = "NetworkManager",
    };

    [Test]
    public void ToMessage_EveryField_HasItsPlace() => Assert.That(DriftMapping.ToMessage(Sample), Is.EqualTo(new V1.Drift
    {
        Object = new V1.ObjectRef { Kind = V1.ObjectKind.Link, Id = "web", Name = "brvx-101" },
        Kind = V1.DriftKind.Changed,
        Attributes =
        {
            new V1.AttributeChange { Name = "mtu", Before = "1450", After = "1400" },
            new V1.AttributeChange { Name = "master", After = "br9" },
            new V1.AttributeChange { Name = "alias", Before = "cloudbr" },
        },
        Handling = V1.DriftHandling.Failed,
        Failure = FailureMapping.ToMessage(Refused),
        NoticedAt = new Timestamp { Seconds = 3 },
        HealDuration = new Duration { Nanos = 12_000_000 },
        Source = V1.DriftSource.Audit,
        LikelyCause = "NetworkManager",
    }));

    [Test]
    public void ToMessage_WhatIsNotKnown_IsUnset()
    {
        var message = DriftMapping.ToMessage(Sample with { Failure = null, HealDuration = null });
        Assert.That((message.Failure, message.HealDuration), Is.EqualTo(((V1.Failure?)null, (Duration?)null)));
    }

    [Test]
    public void ToMessage_EveryValueOfEveryEnum_HasOneOfTheContract()
    {
        Same<DriftKind>(v => DriftMapping.ToMessage(Sample with { Kind = v }).Kind);
        Same<DriftHandling>(v => DriftMapping.ToMessage(Sample with { Handling = v }).Handling);
        Same<DriftSource>(v => DriftMapping.ToMessage(Sample with { Source = v }).Source);
    }

    private static void Same<T>(Func<T, System.Enum> map)
        where T : struct, System.Enum
    {
        foreach (var value in System.Enum.GetValues<T>())
        {
            Assert.That(map(value).ToString(), Is.EqualTo(value.ToString()));
        }
    }
}
