using System.Globalization;
using Cloudbr.Agent.Protos.Tests.Descriptors;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Golden;

/// <summary>
/// What a client can rely on: one entry for each element, identified by what must not move (a name, or the number of a field)
/// and described by what must not change. Comments and the order of declaration are left out.
/// </summary>
internal sealed record Surface(IReadOnlyList<SurfaceEntry> Entries)
{
    public static Surface Of(IEnumerable<FileDescriptorProto> files) => new(
    [
        .. files.SelectMany(file => Node.Walk(file).SelectMany(node => Describe(node, file)))
            .OrderBy(entry => entry.Owner, StringComparer.Ordinal).ThenBy(entry => entry.Kind)
            .ThenBy(entry => entry.Number).ThenBy(entry => entry.Name, StringComparer.Ordinal),
    ]);

    /// <summary>Reads what <see cref="ToString"/> wrote; empty lines are skipped.</summary>
    public static Surface Parse(string text) => new(
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(SurfaceEntry.Parse)]);

    /// <summary>One line for each element, those of a message, enum or service below it.</summary>
    public override string ToString() =>
        string.Concat(Entries.Select(entry => (IsHead(entry.Kind) ? "\n" : "") + entry + "\n")).TrimStart('\n');

    private static bool IsHead(SurfaceKind kind) => kind is SurfaceKind.Message or SurfaceKind.Enum or SurfaceKind.Service;

    private static IEnumerable<SurfaceEntry> Describe(Node node, FileDescriptorProto file)
    {
        var owner = node.FullName;
        return node.Element switch
        {
            FileDescriptorProto =>
            [
                new(SurfaceKind.File, owner, 0, "", $"package {file.Package} csharp {file.Options?.CsharpNamespace}"),
            ],
            DescriptorProto message =>
            [
                Head(SurfaceKind.Message),
                .. message.Field.Select(field =>
                    new SurfaceEntry(SurfaceKind.Field, owner, field.Number, field.Name, Signature(message, field))),
                .. message.ReservedRange.Select(range => Reserved(range.Start, range.End - 1)),
                .. message.ReservedName.Select(ReservedName),
            ],
            EnumDescriptorProto type =>
            [
                Head(SurfaceKind.Enum),
                .. type.Value.Select(value => new SurfaceEntry(SurfaceKind.Value, owner, value.Number, value.Name, "")),
                .. type.ReservedRange.Select(range => Reserved(range.Start, range.End)),
                .. type.ReservedName.Select(ReservedName),
            ],
            ServiceDescriptorProto service =>
            [
                Head(SurfaceKind.Service),
                .. service.Method.Select(rpc => new SurfaceEntry(SurfaceKind.Rpc, owner, 0, rpc.Name, Signature(rpc))),
            ],
            _ => [],
        };

        // Moving an element to another file changes what clients import in some languages.
        SurfaceEntry Head(SurfaceKind kind) => new(kind, owner, 0, "", $"in {file.Name}");
        SurfaceEntry Reserved(int first, int last) => new(SurfaceKind.Reserved, owner, first, "", $"to {last}");
        SurfaceEntry ReservedName(string name) => new(SurfaceKind.ReservedName, owner, 0, name, "");
    }

    private static string Signature(MethodDescriptorProto rpc) =>
        $"{Stream(rpc.ClientStreaming)}{rpc.InputType[1..]} returns {Stream(rpc.ServerStreaming)}{rpc.OutputType[1..]}";

    private static string Signature(DescriptorProto message, FieldDescriptorProto field)
    {
        var entry = message.NestedType.FirstOrDefault(nested =>
            Node.IsMapEntry(nested) && field.TypeName.EndsWith($".{message.Name}.{nested.Name}", StringComparison.Ordinal));
        if (entry is not null)
            return $"map {Type(entry.Field[0])} {Type(entry.Field[1])}";
        var cardinality = field.Label == FieldDescriptorProto.Types.Label.Repeated ? "repeated "
            : field.Proto3Optional ? "optional "
            : field.HasOneofIndex ? $"oneof {message.OneofDecl[field.OneofIndex].Name} "
            : "";
        return cardinality + Type(field);
    }

    private static string Type(FieldDescriptorProto field) =>
        field.TypeName.Length > 0 ? field.TypeName[1..] : field.Type.ToString().ToLower(CultureInfo.InvariantCulture);

    private static string Stream(bool streaming) => streaming ? "stream " : "";
}
