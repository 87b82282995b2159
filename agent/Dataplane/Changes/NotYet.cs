using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>What the model has and nothing brings about yet: to take it and answer with success would be a lie.</summary>
internal static class NotYet
{
    public static Failure? In(ConfigEdit edit, HostConfig before, HostConfig after)
    {
        if (ReferenceEquals(after.Ports, before.Ports))
        {
            return null;
        }

        var ports = edit is PutPort put ? [put.Port] : after.Ports.Values.Where(p => before.Ports.GetValueOrDefault(p.NicId) != p);
        foreach (var port in ports.OrderBy(p => p.NicId, StringComparer.Ordinal))
        {
            if (What(port) is { } what)
            {
                return new Failure
                {
                    Operation = "validate",
                    Subject = ObjectRef.Port(port.NicId),
                    Reason = "NOT_IN_THIS_VERSION",
                    Message = $"{what} is part of the contract, and this agent does not do it yet",
                    Remedy = "leave it out",
                };
            }
        }

        return null;
    }

    private static string? What(Port port) =>
        port.RateLimit is not null ? "rate_limit"
        : null;
}
