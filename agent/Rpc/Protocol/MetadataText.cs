using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Protocol;

/// <summary>Metadata values as they stand in HTTP headers: ASCII as it is, bytes in base64.</summary>
internal static class MetadataText
{
    public static string ToHeader(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.Bytes) : Printable(entry.Value);

    /// <summary>Adds one header to <paramref name="metadata"/>. False if its name or its base64 cannot be read.</summary>
    public static bool TryAdd(Metadata metadata, string name, string value)
    {
        if (!IsKey(name))
        {
            return false;
        }

        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(new Metadata.Entry(name, value));
            return true;
        }

        // Several values may come joined by commas, which base64 does not use.
        foreach (var range in value.AsSpan().Split(','))
        {
            if (!TryDecode(value.AsSpan()[range].Trim(), out var bytes))
            {
                return false;
            }

            metadata.Add(new Metadata.Entry(name, bytes));
        }

        return true;
    }

    /// <summary>HTTP allows more in a name than gRPC does.</summary>
    public static bool IsKey(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    private static bool TryDecode(ReadOnlySpan<char> base64, out byte[] bytes)
    {
        // Senders may leave the padding out.
        Span<char> padded = stackalloc char[256];
        var length = (base64.Length + 3) & ~3;
        if (length > padded.Length)
        {
            padded = new char[length];
        }

        base64.CopyTo(padded);
        padded[base64.Length..length].Fill('=');
        bytes = new byte[length / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded[..length], bytes, out var written))
        {
            return false;
        }

        Array.Resize(ref bytes, written);
        return true;
    }

    /// <summary>HTTP headers carry printable ASCII. Anything else would break the whole answer, so it becomes '?'.</summary>
    private static string Printable(string value)
    {
        foreach (var c in value)
        {
            if (c is < ' ' or > '~')
            {
                return string.Create(value.Length, value, static (span, source) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = source[i] is < ' ' or > '~' ? '?' : source[i];
                    }
                });
            }
        }

        return value;
    }
}
