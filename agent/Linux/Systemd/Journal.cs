using System.Buffers;
using System.Text;

namespace Cloudbr.Agent.Linux.Systemd;

/// <summary>Writes entries with fields into journald, so that operators can select by them.</summary>
public static class Journal
{
    private const string Socket = "/run/systemd/journal/socket";

    /// <summary>
    /// Whether this process's standard error goes to the journal. systemd says in JOURNAL_STREAM which file that is; whoever was
    /// started with that environment and another standard error is not connected.
    /// </summary>
    public static bool IsConnected =>
        Environment.GetEnvironmentVariable("JOURNAL_STREAM")?.Split(':') is [_, var inode]
        && File.ResolveLinkTarget("/proc/self/fd/2", returnFinalTarget: false)?.Name == $"socket:[{inode}]"
        && LibSystemd.IsPresent;

    /// <summary>Sends one entry. False if journald did not take it.</summary>
    public static unsafe bool Send(ReadOnlySpan<KeyValuePair<string, string>> fields)
    {
        // libsystemd calls it a success when there is no journald at all.
        if (!LibSystemd.IsPresent || !File.Exists(Socket))
        {
            return false;
        }

        var text = new ArrayBufferWriter<byte>(512);
        Span<(int Start, int Length)> ranges = stackalloc (int, int)[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var start = text.WrittenCount;
            Encoding.UTF8.GetBytes(fields[i].Key, text);
            text.Write("="u8);
            Encoding.UTF8.GetBytes(fields[i].Value, text);
            ranges[i] = (start, text.WrittenCount - start);
        }

        var vectors = stackalloc LibSystemd.IoVector[fields.Length];
        fixed (byte* bytes = text.WrittenSpan)
        {
            for (var i = 0; i < fields.Length; i++)
            {
                vectors[i] = new LibSystemd.IoVector { Base = bytes + ranges[i].Start, Length = (nuint)ranges[i].Length };
            }

            return LibSystemd.JournalSend(vectors, fields.Length) == 0;
        }
    }

    /// <summary>A name as journald takes it: <c>RequestId</c> becomes <c>CLOUDBR_REQUEST_ID</c>.</summary>
    public static string FieldName(string name)
    {
        var field = new StringBuilder("CLOUDBR_", 40);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterLower(name[i - 1]))
            {
                field.Append('_');
            }

            field.Append(char.IsAsciiLetterOrDigit(name[i]) ? char.ToUpperInvariant(name[i]) : '_');
        }

        return field.ToString();
    }
}
