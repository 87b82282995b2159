using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// Finds the part of a request that this agent does not know: a newer management server asks for something, and to do the
/// rest and call it success would be a lie.
/// </summary>
internal static class UnknownFields
{
    /// <summary>The path of the first message that has unknown fields ("" for the request itself), or null.</summary>
    public static string? FirstIn(IMessage message)
    {
        // What discarding unknown fields makes shorter has some. The runtime does not tell them otherwise.
        var known = message.Descriptor.Parser.WithDiscardUnknownFields(true).ParseFrom(message.ToByteString());
        return PathTo(message, known, "");
    }

    private static string? PathTo(IMessage message, IMessage known, string path)
    {
        if (message.CalculateSize() == known.CalculateSize())
        {
            return null;
        }

        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType != FieldType.Message || field.IsMap)
            {
                continue;
            }

            var (mine, theirs) = (field.Accessor.GetValue(message), field.Accessor.GetValue(known));
            var name = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            var found = field.IsRepeated
                ? Pairs((System.Collections.IList)mine, (System.Collections.IList)theirs)
                    .Select((pair, i) => PathTo(pair.Mine, pair.Theirs, $"{name}[{i}]"))
                    .FirstOrDefault(p => p is not null)
                : mine is IMessage child ? PathTo(child, (IMessage)theirs, name) : null;
            if (found is not null)
            {
                return found;
            }
        }

        return path;
    }

    private static IEnumerable<(IMessage Mine, IMessage Theirs)> Pairs(System.Collections.IList mine, System.Collections.IList theirs) =>
        Enumerable.Range(0, mine.Count).Select(i => ((IMessage)mine[i]!, (IMessage)theirs[i]!));
}
