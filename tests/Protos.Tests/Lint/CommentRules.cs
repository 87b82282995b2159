using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>Whoever writes a client has the protos and nothing else: everything says what it is, and in which unit.</summary>
internal static class CommentRules
{
    // A quantity, the words that a comment says it in, and the end of the field's name.
    private static readonly (string Words, string Suffix)[] Units =
    [
        ("bits per second", "_bps"), ("in bytes", "_bytes"), ("in milliseconds", "_ms"), ("in nanoseconds", "_ns"),
    ];

    public static IEnumerable<string> Present(IReadOnlyList<FileDescriptorProto> files)
    {
        foreach (var (node, _) in files.Elements<object>())
            if (node.Comment.Length == 0)
                yield return $"{node}: has no comment above it";
            else if (!node.Comment.EndsWith('.'))
                yield return $"{node}: its comment does not end in a full stop";
            else if (char.IsLower(node.Comment[0]))
                yield return $"{node}: its comment does not start like a sentence";
    }

    public static IEnumerable<string> UnitsInNames(IReadOnlyList<FileDescriptorProto> files)
    {
        foreach (var (node, field) in files.Elements<FieldDescriptorProto>())
            foreach (var (words, suffix) in Units)
                if (IsNumber(field.Type) && node.Comment.Contains(words, StringComparison.OrdinalIgnoreCase)
                    && !field.Name.EndsWith(suffix, StringComparison.Ordinal) && !IsMtu(field.Name))
                    yield return $"{node}: is told {words}, so its name ends in {suffix}";
    }

    private static bool IsNumber(FieldDescriptorProto.Types.Type type) => type is
        FieldDescriptorProto.Types.Type.Uint32 or FieldDescriptorProto.Types.Type.Uint64 or
        FieldDescriptorProto.Types.Type.Int32 or FieldDescriptorProto.Types.Type.Int64;

    // The kernel's word, always in bytes, for everybody who works with networks.
    private static bool IsMtu(string name) => name == "mtu" || name.EndsWith("_mtu", StringComparison.Ordinal);
}
