using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>A change that somebody asked for and waits for.</summary>
internal sealed class WaitingChange(ChangeOptions options, ConfigEdit edit, long arrived) : Waiting<ChangeResult>
{
    public ChangeOptions Options => options;

    public ConfigEdit Edit => edit;

    public long Arrived => arrived;

    /// <summary>The only network that it is about; null if it is about more.</summary>
    public string? Network => edit switch
    {
        PutNetwork put => put.Network.Id,
        RemoveNetwork remove => remove.Id,
        _ => null,
    };

    /// <summary>Whether it may share a kernel transaction with others: about one network, to be done, and not to be confirmed.</summary>
    public bool IsFoldable => Network is not null && options is { DryRun: false, ConfirmWithin: null };
}
