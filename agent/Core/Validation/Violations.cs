namespace Cloudbr.Agent.Core.Validation;

/// <summary>One thing wrong with a request: where, as <c>ports[2].addresses[0]</c>, and what.</summary>
public sealed record Violation(string FieldPath, string Reason);

/// <summary>All that is wrong with a request, so that its sender learns it at once and not one by one.</summary>
public sealed class Violations
{
    private readonly List<Violation> _found = [];

    public IReadOnlyList<Violation> Found => _found;

    public bool Any => _found.Count > 0;

    public void Add(string fieldPath, string reason) => _found.Add(new Violation(fieldPath, reason));

    public void Require(bool condition, string fieldPath, string reason)
    {
        if (!condition)
        {
            Add(fieldPath, reason);
        }
    }
}
