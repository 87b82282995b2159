using Cloudbr.Agent.Core.Model.Changes;
using Google.Protobuf.WellKnownTypes;
using AttributeChange = Cloudbr.Agent.Core.Planning.Steps.AttributeChange;
using StepAction = Cloudbr.Agent.Core.Planning.Steps.StepAction;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class ChangeReportMapping
{
    public static V1.ChangeReport ToMessage(ChangeReport report)
    {
        var message = new V1.ChangeReport
        {
            RequestId = report.RequestId,
            Generation = report.Generation,
            PreviousGeneration = report.PreviousGeneration,
            Outcome = HistoryMapping.ToMessage(report.Outcome),
            Undone = report.Undone is { } undone ? ToMessage(undone) : null,
            Failure = report.Failures.Count > 0 ? FailureMapping.ToMessage(report.Failures[0]) : null,
            AcceptedAt = Timestamp.FromDateTimeOffset(report.AcceptedAt),
            ConfirmBefore = report.ConfirmBefore is { } before ? Timestamp.FromDateTimeOffset(before) : null,
            RequestsInTransaction = (uint)report.RequestsInTransaction,
        };
        for (var i = 0; i < report.Changes.Count; i++)
        {
            message.Changes.Add(ToMessage(report.Changes[i], report.Changes[i].Number is > 0 and var number ? number : i + 1));
        }

        foreach (var warning in report.Warnings)
        {
            message.Warnings.Add(new V1.ChangeWarning
            {
                Reason = warning.Reason,
                Object = FailureMapping.ToMessage(warning.Subject),
                Message = warning.Message,
            });
        }

        foreach (var stage in report.Stages)
        {
            message.Stages.Add(new V1.StageDuration { Stage = ToMessage(stage.Stage), Duration = Duration.FromTimeSpan(stage.Duration) });
        }

        return message;
    }

    private static V1.Change ToMessage(StepReport report, int number)
    {
        var step = report.Step;
        var message = new V1.Change
        {
            Step = (uint)number,
            Action = step.Action switch
            {
                StepAction.Create => V1.ChangeAction.Create,
                StepAction.Update => V1.ChangeAction.Update,
                StepAction.Delete => V1.ChangeAction.Delete,
                StepAction.Adopt => V1.ChangeAction.Adopt,
                StepAction.Recreate => V1.ChangeAction.Recreate,
                _ => V1.ChangeAction.Disown,
            },
            Object = FailureMapping.ToMessage(step.Subject),
            Impact = step.Disruptive ? V1.ChangeImpact.Disruptive : V1.ChangeImpact.None,
            Progress = report.Progress switch
            {
                StepProgress.Planned => V1.ChangeProgress.Planned,
                StepProgress.Verified => V1.ChangeProgress.Verified,
                StepProgress.Failed => V1.ChangeProgress.Failed,
                StepProgress.Undone => V1.ChangeProgress.Undone,
                _ => V1.ChangeProgress.LeftBehind,
            },
            Provider = ProviderOf(step),
        };
        message.Attributes.Add(step.Attributes.Select(ToMessage));
        return message;
    }

    public static V1.AttributeChange ToMessage(AttributeChange attribute)
    {
        var message = new V1.AttributeChange { Name = attribute.Name };
        if (attribute.Before is { } before)
        {
            message.Before = before;
        }

        if (attribute.After is { } after)
        {
            message.After = after;
        }

        return message;
    }

    private static V1.Undo ToMessage(Undo undo)
    {
        var message = new V1.Undo
        {
            Cause = undo.Cause switch
            {
                UndoCause.StepFailed => V1.UndoCause.StepFailed,
                UndoCause.VerifyFailed => V1.UndoCause.VerifyFailed,
                UndoCause.ConfirmExpired => V1.UndoCause.ConfirmExpired,
                UndoCause.ManagementLost => V1.UndoCause.ManagementLost,
                _ => V1.UndoCause.RestartedTooLate,
            },
            Reason = undo.Reason,
            Complete = undo.Complete,
        };
        foreach (var step in undo.Steps)
        {
            message.Steps.Add(new V1.UndoneStep
            {
                Step = (uint)step.Step,
                Restored = step.Restored,
                Failure = step.Failure is { } failure ? FailureMapping.ToMessage(failure) : null,
            });
        }

        return message;
    }

    private static V1.ChangeStage ToMessage(ChangeStage stage) => stage switch
    {
        ChangeStage.Queue => V1.ChangeStage.Queue,
        ChangeStage.Validate => V1.ChangeStage.Validate,
        ChangeStage.Plan => V1.ChangeStage.Plan,
        ChangeStage.Journal => V1.ChangeStage.Journal,
        ChangeStage.Apply => V1.ChangeStage.Apply,
        ChangeStage.Verify => V1.ChangeStage.Verify,
        _ => V1.ChangeStage.Undo,
    };

    /// <summary>Settings are the agent's own business; everything else here is what a Linux bridge needs.</summary>
    private static string ProviderOf(Core.Planning.Steps.PlanStep step) =>
        step is Core.Planning.Steps.SetSetting ? "" : Core.Planning.Design.LinuxBridgeProvider.Name;
}
