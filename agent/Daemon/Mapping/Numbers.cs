namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>
/// The contract's numbers are unsigned, the model's are not. One that is too large comes out negative, which the rules take for out of
/// range and print as it was sent.
/// </summary>
internal static class Numbers
{
    public static int ToModel(uint number) => unchecked((int)number);

    public static long ToModel(ulong number) => unchecked((long)number);

    /// <summary>Where 0 means that none was chosen.</summary>
    public static int? Chosen(uint number) => number == 0 ? null : ToModel(number);
}
