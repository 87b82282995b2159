using System.Globalization;
using Google.Protobuf.Reflection;
using Cloudbr.Agent.Protos.Tests.Descriptors;

namespace Cloudbr.Agent.Protos.Tests.Golden;

/// <summary>
/// What a client can rely on: one entry for each element, identified by what must not move (a name, or the number of a field)
/// and described by what must not change. Comments and the order of declaration are left out.
/// </summary>
internal sealed record Surface(IReadOnlyList<SurfaceEntry> Entries)
{
    public static Surface Of(IEnumerable<FileDescriptorProto> files) => new(
    [
        .. files.SelectMany(file => Node.Walk(file).SelectMany(node => Describe(node, file))).OrderBy(entry => entry.Owner, StringComparer.Ordinal)
            .ThenBy(entry => entry.Kind).ThenBy(entry => entry.Number).ThenBy(entry => entry.Name, StringComparer.Ordinal),
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
        // Moving an element to another file changes what clients import in some languages.
        var home = $"in {file.Name}";
        switch (node.Element)
        {
            case FileDescriptorProto:
                return [new(SurfaceKind.File, file.Name, 0, "", $"package {file.Package} csharp {file.Options?.CsharpNamespace}")];
            case DescriptorProto message:
                return
                [
                    new(SurfaceKind.Message, node.FullName, 0, "", home),
                    .. message.Field.Select(field => new SurfaceEntry(SurfaceKind.Field, node.FullName, field.Number, field.Name, Signature(message, field))),
                    .. message.ReservedRange.Select(range => new SurfaceEntry(SurfaceKind.Reserved, node.FullName, range.Start, "", $"to {range.End - 1}")),
                    .. message.ReservedName.Select(name => new SurfaceEntry(SurfaceKind.ReservedName, node.FullName, 0, name, "")),
                ];
            case EnumDescriptorProto type:
                return
                [
                    new(SurfaceKind.Enum, node.FullName, 0, "", home),
                    .. type.Value.Select(value => new SurfaceEntry(SurfaceKind.Value, node.FullName, value.Number, value.Name, "")),
                    .. type.ReservedRange.Select(range => new SurfaceEntry(SurfaceKind.Reserved, node.FullName, range.Start, "", $"to {range.End}")),
                    .. type.ReservedName.Select(name => new SurfaceEntry(SurfaceKind.ReservedName, node.FullName, 0, name, "")),
                ];
            case ServiceDescriptorProto service:
                return
                [
                    new(SurfaceKind.Service, node.FullName, 0, "", home),
                    .. service.Method.Select(rpc => new SurfaceEntry(SurfaceKind.Rpc, node.FullName, 0, rpc.Name,
                        $"{Stream(rpc.ClientStreaming)}{rpc.InputType[1..]} returns {Stream(rpc.ServerStreaming)}{rpc.OutputType[1..]}")),
                ];
            default:
                return [];
        }
    }

    private static string Signature(DescriptorProto message, FieldDescriptorProto field)
    {
        if (message.NestedType.FirstOrDefault(nested => Node.IsMapEntry(nested) && field.TypeName.EndsWith($".{message.Name}.{nested.Name}", StringComparison.Ordinal)) is { } map)
            return $"map {Type(map.Field[0])} {Type(map.Field[1])}";
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
