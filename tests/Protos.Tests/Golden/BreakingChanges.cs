using System.Globalization;

namespace Cloudbr.Agent.Protos.Tests.Golden;

/// <summary>
/// What a client built from the golden contract would stumble over. Adding is never breaking. Removing a field or an enum value
/// is allowed only if both its number and its name are reserved, so that neither can come back with another meaning.
/// </summary>
internal static class BreakingChanges
{
    public static IEnumerable<string> Between(Surface golden, Surface current)
    {
        var byIdentity = current.Entries.ToDictionary(Identity);
        var owners = current.Entries.Select(entry => entry.Owner).ToHashSet();
        foreach (var old in golden.Entries)
        {
            if (!owners.Contains(old.Owner) && !IsHead(old.Kind))
                continue; // That its owner is gone is said once.
            if (old.Kind == SurfaceKind.Reserved)
            {
                if (!IsReserved(current, old.Owner, old.Number, Last(old)))
                    yield return $"{old}: is no longer reserved";
            }
            else if (byIdentity.TryGetValue(Identity(old), out var now))
            {
                if (now != old)
                    yield return $"{old}: became {now}";
            }
            else if (!IsRetired(current, old))
                yield return old.Kind is SurfaceKind.Field or SurfaceKind.Value
                    ? $"{old}: is gone, and not both its number and its name are reserved"
                    : $"{old}: is gone";
        }
    }

    // A field is its number and an rpc its name; enum values may share a number (aliases), so a value is both.
    private static (SurfaceKind, string, int, string) Identity(SurfaceEntry entry) => entry.Kind switch
    {
        SurfaceKind.Field => (entry.Kind, entry.Owner, entry.Number, ""),
        _ => (entry.Kind, entry.Owner, entry.Number, entry.Name),
    };

    private static bool IsHead(SurfaceKind kind) => kind <= SurfaceKind.Service;

    private static bool IsRetired(Surface current, SurfaceEntry old) =>
        old.Kind is SurfaceKind.Field or SurfaceKind.Value
        && IsReserved(current, old.Owner, old.Number, old.Number)
        && current.Entries.Contains(new(SurfaceKind.ReservedName, old.Owner, 0, old.Name, ""));

    // Ranges may have been split or joined since, so it is the numbers that count.
    private static bool IsReserved(Surface current, string owner, int first, int last)
    {
        var next = first;
        var ranges = current.Entries.Where(entry => entry.Kind == SurfaceKind.Reserved && entry.Owner == owner);
        foreach (var range in ranges.OrderBy(entry => entry.Number))
        {
            if (range.Number <= next && next <= Last(range))
            {
                if (Last(range) >= last)
                    return true;
                next = Last(range) + 1;
            }
        }
        return false;
    }

    private static int Last(SurfaceEntry range) => int.Parse(range.Signature["to ".Length..], CultureInfo.InvariantCulture);
}
