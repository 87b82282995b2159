using System.Globalization;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>Numbers that have a least and a most. The contract's are unsigned: what does not fit into an int came out negative.</summary>
internal static class RangeRules
{
    public const uint LeastMtu = 576;
    public const uint MostMtu = 65_535;

    public static void CheckRange(this Violations violations, int? value, uint least, uint most, FieldPath path, string field)
    {
        if (value is { } number && !IsBetween(number, least, most))
        {
            violations.Add($"{path}.{field}", $"{Text(number)} is not between {Text((int)least)} and {Text((int)most)}");
        }
    }

    /// <inheritdoc cref="CheckRange(Violations, int?, uint, uint, FieldPath, string)"/>
    public static void CheckRange(this Violations violations, long? value, ulong least, ulong most, FieldPath path, string field)
    {
        if (value is { } number && ((ulong)number < least || (ulong)number > most))
        {
            violations.Add($"{path}.{field}", string.Create(CultureInfo.InvariantCulture, $"{(ulong)number} is not between {least} and {most}"));
        }
    }

    public static bool IsBetween(int value, uint least, uint most) => (uint)value >= least && (uint)value <= most;

    /// <summary>As it was sent.</summary>
    public static string Text(int value) => ((uint)value).ToString(CultureInfo.InvariantCulture);
}
