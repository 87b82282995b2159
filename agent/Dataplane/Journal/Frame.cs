using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// What every file of the agent's state begins with: one line that a person can read, and that tells a whole file from a damaged one.
/// <c>cloudbr-generation 1 1234 9f86d0…</c>: what it is, the format's version, the bytes that follow, and their SHA-256.
/// </summary>
internal static class Frame
{
    public const string Generation = "cloudbr-generation";
    public const string Term = "cloudbr-term";
    public const string History = "cloudbr-history";

    private const int Version = 1;
    private const int LongestLine = 160;

    /// <summary>The first line of a file with this payload.</summary>
    public static byte[] Line(string kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, hash);
        return Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{kind} {Version} {payload.Length} {Convert.ToHexStringLower(hash)}\n"));
    }

    /// <summary>What follows the first line.</summary>
    /// <exception cref="InvalidDataException">It is not what was written; the message says what is wrong.</exception>
    public static ReadOnlyMemory<byte> Open(string kind, ReadOnlyMemory<byte> file)
    {
        if (file.IsEmpty)
        {
            throw new InvalidDataException("it is empty");
        }

        var length = file.Span[..Math.Min(file.Length, LongestLine)].IndexOf((byte)'\n');
        var words = length < 0 ? [] : Encoding.ASCII.GetString(file.Span[..length]).Split(' ');
        if (words.Length != 4 || words[0] != kind)
        {
            throw new InvalidDataException($"it does not begin with \"{kind}\"");
        }

        if (words[1] != Version.ToString(CultureInfo.InvariantCulture))
        {
            throw IsNewer(words[1])
                ? new NewerFormatException($"its format is {words[1]}, and this agent reads {Version}")
                : new InvalidDataException("it names no version of its format");
        }

        var payload = file[(length + 1)..];
        if (words[2] != payload.Length.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture, $"it has {payload.Length} bytes after its first line, which says '{Short(words[2])}'"));
        }

        // The line is compared as a whole: it has one spelling only.
        return Line(kind, payload.Span).AsSpan().SequenceEqual(file.Span[..(length + 1)])
            ? payload
            : throw new InvalidDataException("its bytes do not have the SHA-256 that its first line says");
    }

    private static bool IsNewer(string version) =>
        uint.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > Version;

    private static string Short(string text) => text.Length <= 20 ? text : text[..20];
}

/// <summary>A file that is whole, and that only a newer agent can read.</summary>
internal sealed class NewerFormatException(string message) : Exception(message);
