using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

/// <summary>What rules find, as "path: reason".</summary>
internal static class Found
{
    public static IReadOnlyList<string> By(Action<Violations> rules)
    {
        var violations = new Violations();
        rules(violations);
        return [.. violations.Found.Select(v => $"{v.FieldPath}: {v.Reason}")];
    }
}
