using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class FailureMapping
{
    public static V1.Failure ToMessage(Failure failure) => new()
    {
        Operation = failure.Operation,
        Object = ToMessage(failure.Subject),
        Reason = failure.Reason,
        Message = failure.Message,
        Evidence = failure.Evidence,
        Remedy = failure.Remedy,
        Retryable = failure.Retryable,
        FieldPath = failure.FieldPath,
    };

    public static V1.ObjectRef ToMessage(ObjectRef subject) => new()
    {
        Kind = subject.Kind switch
        {
            ObjectKind.Host => V1.ObjectKind.Host,
            ObjectKind.PhysicalNetwork => V1.ObjectKind.PhysicalNetwork,
            ObjectKind.Network => V1.ObjectKind.Network,
            ObjectKind.Port => V1.ObjectKind.Port,
            ObjectKind.ControlNetwork => V1.ObjectKind.ControlNetwork,
            ObjectKind.AddressGroup => V1.ObjectKind.AddressGroup,
            ObjectKind.Provider => V1.ObjectKind.Provider,
            ObjectKind.Link => V1.ObjectKind.Link,
            ObjectKind.Address => V1.ObjectKind.Address,
            ObjectKind.Route => V1.ObjectKind.Route,
            ObjectKind.ForwardingEntry => V1.ObjectKind.ForwardingEntry,
            ObjectKind.Sysctl => V1.ObjectKind.Sysctl,
            ObjectKind.File => V1.ObjectKind.File,
            _ => V1.ObjectKind.Unspecified,
        },
        Id = subject.Id,
        Name = subject.Name,
        Scope = subject.Scope,
    };
}
