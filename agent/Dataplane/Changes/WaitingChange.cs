using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>A change that somebody asked for and waits for.</summary>
internal sealed class WaitingChange(ChangeOptions options, ConfigEdit edit, long arrived) : Waiting<ChangeResult>
{
    public ChangeOptions Options => options;

    public ConfigEdit Edit => edit;

    public long Arrived => arrived;

    /// <summary>The id of the only network or port that it is about; null if it is about more.</summary>
    public string? Subject => edit switch
    {
        PutNetwork put => put.Network.Id,
        RemoveNetwork remove => remove.Id,
        PutPort put => put.Port.NicId,
        RemovePort remove => remove.NicId,
        _ => null,
    };

    /// <summary>The only networks whose devices may change by it; null if any may.</summary>
    public IReadOnlyCollection<string>? Networks => edit switch
    {
        PutNetwork or RemoveNetwork => [Subject!],
        PutPort or RemovePort => [],
        _ => null,
    };

    /// <summary>The part of the desired state that it is about.</summary>
    public PlanScope Scope => new(Networks)
    {
        Ports = edit switch
        {
            PutPort or RemovePort => [Subject!],
            PutNetwork or RemoveNetwork => [],
            _ => null,
        },
    };

    /// <summary>Whether it may share a kernel transaction with others: about one thing, to be done, and not to be confirmed.</summary>
    public bool IsFoldable => Subject is not null && options is { DryRun: false, ConfirmWithin: null };
}
