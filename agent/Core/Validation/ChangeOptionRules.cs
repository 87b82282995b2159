using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>How a change may be asked for.</summary>
public static class ChangeOptionRules
{
    private const int MostRequestId = 128;
    private const int MostNote = 1024;

    private static readonly TimeSpan ShortestConfirm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestConfirm = TimeSpan.FromHours(1);

    /// <param name="options">What to check.</param>
    /// <param name="planned">Only planned: it needs no id, for it is not remembered.</param>
    /// <param name="path">Where the options stand.</param>
    /// <param name="violations">Where what is wrong is added.</param>
    public static void Check(ChangeOptions options, bool planned, FieldPath path, Violations violations)
    {
        if (options.RequestId.Length == 0)
        {
            if (!planned)
            {
                violations.Add($"{path}.request_id", "is required");
            }
        }
        else if (!IsRequestId(options.RequestId))
        {
            violations.Add($"{path}.request_id", "is not 1 to 128 printable ASCII characters");
        }

        if (options.ConfirmWithin is { } within && (within < ShortestConfirm || within > LongestConfirm))
        {
            violations.Add($"{path}.confirm_within", $"{within.TotalSeconds:0.###} s is not between 1 s and 1 h");
        }

        violations.CheckLength(options.Note, MostNote, path, "note");
    }

    public static bool IsRequestId(string id) => id.Length is > 0 and <= MostRequestId && !id.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
