using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>What a mutating request comes to, read and without fault as far as the request alone tells.</summary>
/// <param name="Options">How the change is to be made.</param>
/// <param name="Edit">What it does to the desired state.</param>
/// <param name="FieldOf">Where in the request an object stands that only the host showed to be at fault; empty if nowhere.</param>
internal sealed record Intent(ChangeOptions Options, ConfigEdit Edit, Func<ObjectRef, string> FieldOf)
{
    /// <summary>The failures of this request, each with its place in it.</summary>
    public IReadOnlyList<Failure> Locate(IReadOnlyList<Failure> failures) =>
    [
        .. failures.Select(f => f is { FieldPath.Length: 0, Kind: FailureKind.InvalidArgument }
            ? f with { FieldPath = FieldOf(f.Subject) }
            : f),
    ];
}
