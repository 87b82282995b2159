using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Daemon.Mapping;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class ChangeReportMappingTests
{
    private static readonly LinkSpec Spec = new() { Name = "brvx-101", Kind = LinkKind.Bridge, Alias = "cloudbr:network:n", Mtu = 1500 };

    [Test]
    public void ToMessage_EveryField_HasItsPlace()
    {
        var failure = Sample("NO_ROOM");
        var report = new ChangeReport
        {
            RequestId = "r",
            Outcome = ChangeOutcome.FailedIncomplete,
            Generation = 7,
            PreviousGeneration = 6,
            Changes =
            [
                new StepReport(new CreateLink(ObjectRef.Link("brvx-101", "n"), Spec), StepProgress.Verified),
                new StepReport(
                    new SetSetting(new ObjectRef(ObjectKind.Sysctl, Name: "net.ipv4.ip_forward"), "net.ipv4.ip_forward", "1", "0")
                    {
                        Attributes = [new AttributeChange("value", "0", "1"), new AttributeChange("new", null, "x"), new AttributeChange("old", "y", null)],
                        Disruptive = true,
                    },
                    StepProgress.Failed),
            ],
            Undone = new Undo(UndoCause.VerifyFailed, "it did not agree", [new UndoneStep(1, true, null), new UndoneStep(2, false, failure)], false),
            Failures = [failure, Sample("ANOTHER")],
            Warnings = [new ChangeWarning("GUEST_MTU_LOWERED", ObjectRef.Network("n"), "lowered")],
            Stages = [new StageDuration(ChangeStage.Queue, TimeSpan.FromMilliseconds(2))],
            AcceptedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            RequestsInTransaction = 3,
        };
        var told = FailureMapping.ToMessage(failure);
        var setting = new V1.ObjectRef { Kind = V1.ObjectKind.Sysctl, Name = "net.ipv4.ip_forward" };
        Assert.That(ChangeReportMapping.ToMessage(report), Is.EqualTo(new V1.ChangeReport
        {
            RequestId = "r",
            Outcome = V1.ChangeOutcome.FailedIncomplete,
            Generation = 7,
            PreviousGeneration = 6,
            Changes =
            {
                new V1.Change
                {
                    Step = 1,
                    Action = V1.ChangeAction.Create,
                    Object = new V1.ObjectRef { Kind = V1.ObjectKind.Link, Id = "n", Name = "brvx-101" },
                    Impact = V1.ChangeImpact.None,
                    Progress = V1.ChangeProgress.Verified,
                    Provider = "linux-bridge",
                },
                new V1.Change
                {
                    Step = 2,
                    Action = V1.ChangeAction.Update,
                    Object = setting,
                    Impact = V1.ChangeImpact.Disruptive,
                    Progress = V1.ChangeProgress.Failed,
                    Attributes =
                    {
                        new V1.AttributeChange { Name = "value", Before = "0", After = "1" },
                        new V1.AttributeChange { Name = "new", After = "x" },
                        new V1.AttributeChange { Name = "old", Before = "y" },
                    },
                },
            },
            Undone = new V1.Undo
            {
                Cause = V1.UndoCause.VerifyFailed,
                Reason = "it did not agree",
                Steps = { new V1.UndoneStep { Step = 1, Restored = true }, new V1.UndoneStep { Step = 2, Failure = told } },
            },
            Failure = told,
            Warnings =
            {
                new V1.ChangeWarning
                {
                    Reason = "GUEST_MTU_LOWERED", Object = new V1.ObjectRef { Kind = V1.ObjectKind.Network, Id = "n" }, Message = "lowered",
                },
            },
            Stages = { new V1.StageDuration { Stage = V1.ChangeStage.Queue, Duration = new Duration { Nanos = 2_000_000 } } },
            AcceptedAt = new Timestamp { Seconds = 1767323045 },
            RequestsInTransaction = 3,
        }));
    }

    [Test]
    public void ToMessage_Failure_IsWhole() => Assert.That(FailureMapping.ToMessage(Sample("R")), Is.EqualTo(new V1.Failure
    {
        Operation = "newlink",
        Object = new V1.ObjectRef { Kind = V1.ObjectKind.Address, Id = "i", Name = "n", Scope = "s" },
        Reason = "R",
        Message = "no room",
        Evidence = "ENOBUFS",
        Remedy = "make some",
        Retryable = true,
        FieldPath = "network",
    }));

    [Test]
    public void ToMessage_EveryValueOfEveryEnum_HasOneOfTheContract()
    {
        Distinct<ChangeOutcome, V1.ChangeOutcome>(o => ToMessage(r => r with { Outcome = o }).Outcome);
        Distinct<StepProgress, V1.ChangeProgress>(p => ToMessage(r => r with { Changes = [Step(StepAction.Create, p)] }).Changes[0].Progress);
        Distinct<StepAction, V1.ChangeAction>(a => ToMessage(r => r with { Changes = [Step(a, default)] }).Changes[0].Action);
        Distinct<ChangeStage, V1.ChangeStage>(s => ToMessage(r => r with { Stages = [new StageDuration(s, default)] }).Stages[0].Stage);
        Distinct<UndoCause, V1.UndoCause>(c => ToMessage(r => r with { Undone = new Undo(c, "", [], true) }).Undone.Cause);
        Distinct<ObjectKind, V1.ObjectKind>(k => FailureMapping.ToMessage(new ObjectRef(k)).Kind);
    }

    private static void Distinct<TModel, TMessage>(Func<TModel, TMessage> map)
        where TModel : struct, System.Enum
        where TMessage : struct, System.Enum
    {
        foreach (var value in System.Enum.GetValues<TModel>())
        {
            Assert.That(map(value).ToString(), Is.EqualTo(value.ToString()));
        }
    }

    private static V1.ChangeReport ToMessage(Func<ChangeReport, ChangeReport> change) => ChangeReportMapping.ToMessage(change(new ChangeReport
    {
        RequestId = "r", Outcome = ChangeOutcome.Applied, Generation = 1, PreviousGeneration = 1, AcceptedAt = DateTimeOffset.UnixEpoch,
    }));

    private static StepReport Step(StepAction action, StepProgress progress) => new(
        new ChangeLink(ObjectRef.Link("eth0"), action, "eth0", "", new LinkChange(), new LinkChange()), progress);

    private static Failure Sample(string reason) => new()
    {
        Operation = "newlink",
        Subject = new ObjectRef(ObjectKind.Address, "i", "n", "s"),
        Reason = reason,
        Message = "no room",
        Evidence = "ENOBUFS",
        Remedy = "make some",
        Retryable = true,
        FieldPath = "network",
    };
}
