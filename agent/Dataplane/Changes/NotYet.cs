using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>What the model has and nothing brings about yet: to take it and answer with success would be a lie.</summary>
internal static class NotYet
{
    public static Failure? In(ConfigEdit edit, HostConfig before, HostConfig after)
    {
        if (ReferenceEquals(after, before) && edit is not RemovePort)
        {
            return null;
        }

        // Before it there were none, so of one network only that one can have any.
        IEnumerable<Network> networks = edit is PutNetwork put ? [put.Network] : after.Networks.Values;
        (ObjectRef Subject, string What)? asked = edit is RemovePort { NicId: var released } ? (ObjectRef.Port(released), "")
            : after.Ports.Keys.Min(StringComparer.Ordinal) is { } port ? (ObjectRef.Port(port), "")
            : after.AddressGroups.Keys.Min(StringComparer.Ordinal) is { } group ? (new ObjectRef(ObjectKind.AddressGroup, group), "")
            : after.HostAccess is not null ? (new ObjectRef(ObjectKind.Host), "host_access is ")
            : networks.FirstOrDefault(n => n.Security is not null) is { } secured ? (ObjectRef.Network(secured.Id), "security.mode SECURITY_GROUPS is ")
            : null;
        return asked is not var (subject, what) ? null : new Failure
        {
            Operation = "validate",
            Subject = subject,
            Reason = "NOT_IN_THIS_VERSION",
            Message = $"{what}part of the contract, and this agent does not do it yet",
            Remedy = "leave it out",
        };
    }
}
