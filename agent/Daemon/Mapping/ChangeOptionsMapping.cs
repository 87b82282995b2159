using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class ChangeOptionsMapping
{
    /// <param name="options">What was asked for; null if nothing was.</param>
    /// <param name="planned">Whether it is a question and not a wish.</param>
    /// <param name="path">Where the options stand.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static ChangeOptions ToModel(V1.ChangeOptions? options, bool planned, string path, RequestErrors errors)
    {
        if (options is null)
        {
            return new ChangeOptions("") { DryRun = planned };
        }

        return new ChangeOptions(options.RequestId)
        {
            Term = options.Term,
            IfGeneration = options.HasIfGeneration ? options.IfGeneration : null,
            DryRun = options.DryRun || planned,
            AllowDisruption = options.AllowDisruption,
            Note = options.Note,
            ConfirmWithin = Durations.ToModel(options.ConfirmWithin, $"{path}.confirm_within", errors.Wrong),
        };
    }
}
