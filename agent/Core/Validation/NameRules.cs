using System.Buffers;
using System.Text;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>Ids of management, names of devices, and text for people.</summary>
internal static class NameRules
{
    private const int MostIdCharacters = 64;

    /// <summary>IFNAMSIZ without the byte that ends the name.</summary>
    private const int MostDeviceBytes = 15;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static void CheckId(this Violations violations, string id, FieldPath path, string field)
    {
        if (id.Length is 0 or > MostIdCharacters || id.AsSpan().ContainsAnyExcept(IdCharacters))
        {
            violations.Add($"{path}.{field}", id.Length == 0 ? "is required" : "is not 1 to 64 characters of A-Z a-z 0-9 . _ -");
        }
    }

    /// <summary>
    /// The device of a VM's NIC, as hypervisors name them: for the packet filter's tools a plus at the end of a name stands for many
    /// devices, and other signs for other things.
    /// </summary>
    public static void CheckPortDevice(this Violations violations, string name, FieldPath path, string field)
    {
        if (Fault(name) is { } fault)
        {
            violations.Add($"{path}.{field}", fault);
        }
        else if (name[0] == '-' || name.AsSpan().ContainsAnyExcept(IdCharacters))
        {
            violations.Add($"{path}.{field}", "is not 1 to 15 characters of A-Z a-z 0-9 . _ - that begin with no dash");
        }
    }

    /// <summary>What the kernel takes as the name of a device, and does not take for a pattern.</summary>
    public static void CheckDevice(this Violations violations, string name, FieldPath path, string field)
    {
        if ((Fault(name) ?? Pattern(name)) is { } fault)
        {
            violations.Add($"{path}.{field}", fault);
        }
    }

    /// <summary>An id that need not be given.</summary>
    public static void CheckOptionalId(this Violations violations, string id, FieldPath path, string field)
    {
        if (id.Length > 0)
        {
            violations.CheckId(id, path, field);
        }
    }

    public static void CheckLength(this Violations violations, string text, int most, FieldPath path, string field)
    {
        if (text.Length > most && text.EnumerateRunes().Count() is var count && count > most)
        {
            violations.Add($"{path}.{field}", $"{count} characters are more than {most}");
        }
    }

    private static string? Fault(string name)
    {
        if (name.Length == 0)
        {
            return "is required";
        }

        if (name.Length > MostDeviceBytes || Encoding.UTF8.GetByteCount(name) > MostDeviceBytes)
        {
            return "is longer than 15 bytes, and no device can have such a name";
        }

        if (name is "." or "..")
        {
            return $"'{name}' is no name that a device can have";
        }

        foreach (var c in name)
        {
            if (c is '/' or ':' or '%' || char.IsWhiteSpace(c) || char.IsControl(c))
            {
                return "has a character that no device's name can have: white space, a control character or one of / : %";
            }
        }

        return null;
    }

    private static string? Pattern(string name) => name.EndsWith('+') || name[0] is '-' or '!' || name.AsSpan().ContainsAny("\"'\\")
        ? "ends with a plus, begins with a dash or an exclamation mark or has a quote or a backslash, which the packet filter's tools take for something else"
        : null;
}
