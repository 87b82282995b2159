using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Descriptors;

/// <summary>
/// One element of a proto file with its full name and comment. A descriptor knows neither: names are nested and comments
/// are kept apart, by the path of field numbers that leads to the element.
/// </summary>
internal sealed record Node(string FullName, IMessage Element, string Comment)
{
    /// <summary>The file and everything in it, in the order of declaration; what protoc invents is left out.</summary>
    public static IReadOnlyList<Node> Walk(FileDescriptorProto file) => [.. new Walker(file).Visit()];

    public override string ToString() => FullName;

    /// <summary>Whether protoc made this message for a map field.</summary>
    public static bool IsMapEntry(DescriptorProto message) => message.Options?.MapEntry == true;

    /// <summary>Whether protoc made this oneof for a proto3 optional field.</summary>
    public static bool IsSynthetic(DescriptorProto message, int oneof) =>
        message.Field.Any(field => field.HasOneofIndex && field.OneofIndex == oneof && field.Proto3Optional);

    private sealed class Walker(FileDescriptorProto file)
    {
        private readonly Dictionary<string, string> _comments = file.SourceCodeInfo?.Location
            .GroupBy(location => string.Join('.', location.Path))
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(location => location.LeadingComments)))
            ?? [];

        public IEnumerable<Node> Visit() =>
        [
            Make(file.Name, file, $"{FileDescriptorProto.SyntaxFieldNumber}"),
            .. Each(file.MessageType, FileDescriptorProto.MessageTypeFieldNumber, "",
                (message, path) => Message(message, file.Package, path)),
            .. Each(file.EnumType, FileDescriptorProto.EnumTypeFieldNumber, "", (type, path) => Enum(type, file.Package, path)),
            .. Each(file.Service, FileDescriptorProto.ServiceFieldNumber, "", Service),
        ];

        private IEnumerable<Node> Message(DescriptorProto message, string scope, string path)
        {
            var name = $"{scope}.{message.Name}";
            return
            [
                Make(name, message, path),
                .. Each(message.Field, DescriptorProto.FieldFieldNumber, path,
                    (field, at) => [Make($"{name}.{field.Name}", field, at)]),
                .. Each(message.OneofDecl, DescriptorProto.OneofDeclFieldNumber, path,
                    (oneof, at) => IsSynthetic(message, message.OneofDecl.IndexOf(oneof)) ? []
                        : [Make($"{name}.{oneof.Name}", oneof, at)]),
                .. Each(message.NestedType, DescriptorProto.NestedTypeFieldNumber, path,
                    (nested, at) => IsMapEntry(nested) ? [] : Message(nested, name, at)),
                .. Each(message.EnumType, DescriptorProto.EnumTypeFieldNumber, path, (type, at) => Enum(type, name, at)),
            ];
        }

        private IEnumerable<Node> Enum(EnumDescriptorProto type, string scope, string path)
        {
            var name = $"{scope}.{type.Name}";
            return
            [
                Make(name, type, path),
                .. Each(type.Value, EnumDescriptorProto.ValueFieldNumber, path,
                    (value, at) => [Make($"{name}.{value.Name}", value, at)]),
            ];
        }

        private IEnumerable<Node> Service(ServiceDescriptorProto service, string path)
        {
            var name = $"{file.Package}.{service.Name}";
            return
            [
                Make(name, service, path),
                .. Each(service.Method, ServiceDescriptorProto.MethodFieldNumber, path,
                    (rpc, at) => [Make($"{name}.{rpc.Name}", rpc, at)]),
            ];
        }

        // The path of an element: that of its parent, the number of the parent's field that holds it, and its index there.
        private static IEnumerable<Node> Each<T>(
            IEnumerable<T> elements, int number, string parent, Func<T, string, IEnumerable<Node>> visit)
        {
            var prefix = parent.Length == 0 ? "" : parent + ".";
            return elements.SelectMany((element, index) => visit(element, $"{prefix}{number}.{index}"));
        }

        private Node Make(string name, IMessage element, string path) =>
            new(name, element, OneLine(_comments.GetValueOrDefault(path, "")));

        private static string OneLine(string comment) =>
            string.Join(' ', comment.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }
}
