using System.Globalization;

namespace Cloudbr.Agent.Protos.Tests.Golden;

/// <summary>The sorts of lines; those that own others come first.</summary>
internal enum SurfaceKind
{
    File,
    Message,
    Enum,
    Service,
    Field,
    Value,
    Rpc,
    Reserved,
    ReservedName,
}

/// <summary>
/// One line of the golden file: "field cloudbr.agent.v1.Port 5 mac = string". A file, message, enum or service has only an
/// owner, its own name; a number or a name stands only where the kind has one.
/// </summary>
internal sealed record SurfaceEntry(SurfaceKind Kind, string Owner, int Number, string Name, string Signature)
{
    public static SurfaceEntry Parse(string line)
    {
        var equals = line.Split(" = ", 2);
        var words = equals[0].Split(' ');
        var kind = Enum.Parse<SurfaceKind>(words[0], ignoreCase: true);
        var numbered = HasNumber(kind);
        return new(kind, words[1],
            numbered ? int.Parse(words[2], CultureInfo.InvariantCulture) : 0,
            words.ElementAtOrDefault(numbered ? 3 : 2) ?? "",
            equals.ElementAtOrDefault(1) ?? "");
    }

    public override string ToString()
    {
        var number = HasNumber(Kind) ? $" {Number}" : "";
        var name = Name.Length > 0 ? $" {Name}" : "";
        var signature = Signature.Length > 0 ? $" = {Signature}" : "";
        return $"{Kind.ToString().ToLowerInvariant()} {Owner}{number}{name}{signature}";
    }

    private static bool HasNumber(SurfaceKind kind) => kind is SurfaceKind.Field or SurfaceKind.Value or SurfaceKind.Reserved;
}
