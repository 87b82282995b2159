using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>Names that every generator turns into what its language's people expect.</summary>
internal static partial class NamingRules
{
    // Words that some client's language keeps for itself, so that the field could not be named in plain code there.
    private static readonly HashSet<string> Keywords =
    [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
        "return", "try", "while", "with", "yield", "func", "package", "range", "self",
    ];

    public static IEnumerable<string> Files(IReadOnlyList<FileDescriptorProto> files)
    {
        foreach (var file in files)
        {
            var folder = file.Package.Replace('.', '/');
            if (!FileName().IsMatch(file.Name) || Path.GetDirectoryName(file.Name) != folder)
                yield return $"{file.Name}: a file of {file.Package} is {folder}/lower_snake_case.proto";
            if (file.Syntax != "proto3")
                yield return $"{file.Name}: is not proto3";
            var expected = string.Join('.', file.Package.Split('.').Select(CultureInfo.InvariantCulture.TextInfo.ToTitleCase));
            if (file.Options?.CsharpNamespace != expected)
                yield return $"{file.Name}: csharp_namespace is not {expected}";
        }
    }

    public static IEnumerable<string> Elements(IReadOnlyList<FileDescriptorProto> files)
    {
        foreach (var (node, message) in files.Elements<DescriptorProto>())
            if (!Pascal().IsMatch(message.Name))
                yield return $"{node}: a message is PascalCase";
        foreach (var (node, service) in files.Elements<ServiceDescriptorProto>())
            if (!Pascal().IsMatch(service.Name))
                yield return $"{node}: a service is PascalCase";
        foreach (var (node, rpc) in files.Elements<MethodDescriptorProto>())
            if (!Pascal().IsMatch(rpc.Name))
                yield return $"{node}: an rpc is PascalCase";
        foreach (var (node, oneof) in files.Elements<OneofDescriptorProto>())
            if (!Snake().IsMatch(oneof.Name))
                yield return $"{node}: a oneof is lower_snake_case";
        foreach (var (node, field) in files.Elements<FieldDescriptorProto>())
            if (!Snake().IsMatch(field.Name))
                yield return $"{node}: a field is lower_snake_case";
            else if (Keywords.Contains(field.Name))
                yield return $"{node}: \"{field.Name}\" is a keyword in some client's language";
    }

    public static IEnumerable<string> Enums(IReadOnlyList<FileDescriptorProto> files)
    {
        foreach (var (node, type) in files.Elements<EnumDescriptorProto>())
        {
            if (!Pascal().IsMatch(type.Name))
                yield return $"{node}: an enum is PascalCase";
            var prefix = WordStart().Replace(type.Name, "_").ToUpperInvariant() + "_";
            foreach (var value in type.Value)
                if (!value.Name.StartsWith(prefix, StringComparison.Ordinal) || !UpperSnake().IsMatch(value.Name))
                    yield return $"{node}.{value.Name}: a value is UPPER_SNAKE_CASE and starts with {prefix}";
            if (type.Value[0].Number != 0 || type.Value[0].Name != prefix + "UNSPECIFIED")
                yield return $"{node}: the first value is {prefix}UNSPECIFIED = 0";
        }
    }

    [GeneratedRegex("^([a-z0-9_]+/)+[a-z][a-z0-9]*(_[a-z0-9]+)*[.]proto$")]
    private static partial Regex FileName();

    [GeneratedRegex("^([A-Z][a-z0-9]+)+$")]
    private static partial Regex Pascal();

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex Snake();

    [GeneratedRegex("^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$")]
    private static partial Regex UpperSnake();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
