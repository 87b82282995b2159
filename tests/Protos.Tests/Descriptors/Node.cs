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

        public IEnumerable<Node> Visit()
        {
            yield return Make(file.Name, file, $"{FileDescriptorProto.SyntaxFieldNumber}");
            for (var i = 0; i < file.MessageType.Count; i++)
                foreach (var node in Message(file.MessageType[i], file.Package, $"{FileDescriptorProto.MessageTypeFieldNumber}.{i}"))
                    yield return node;
            for (var i = 0; i < file.EnumType.Count; i++)
                foreach (var node in Enum(file.EnumType[i], file.Package, $"{FileDescriptorProto.EnumTypeFieldNumber}.{i}"))
                    yield return node;
            for (var i = 0; i < file.Service.Count; i++)
                foreach (var node in Service(file.Service[i], $"{FileDescriptorProto.ServiceFieldNumber}.{i}"))
                    yield return node;
        }

        private IEnumerable<Node> Message(DescriptorProto message, string scope, string path)
        {
            var name = $"{scope}.{message.Name}";
            yield return Make(name, message, path);
            for (var i = 0; i < message.Field.Count; i++)
                yield return Make($"{name}.{message.Field[i].Name}", message.Field[i], $"{path}.{DescriptorProto.FieldFieldNumber}.{i}");
            for (var i = 0; i < message.OneofDecl.Count; i++)
                if (!IsSynthetic(message, i))
                    yield return Make($"{name}.{message.OneofDecl[i].Name}", message.OneofDecl[i], $"{path}.{DescriptorProto.OneofDeclFieldNumber}.{i}");
            for (var i = 0; i < message.NestedType.Count; i++)
                if (!IsMapEntry(message.NestedType[i]))
                    foreach (var node in Message(message.NestedType[i], name, $"{path}.{DescriptorProto.NestedTypeFieldNumber}.{i}"))
                        yield return node;
            for (var i = 0; i < message.EnumType.Count; i++)
                foreach (var node in Enum(message.EnumType[i], name, $"{path}.{DescriptorProto.EnumTypeFieldNumber}.{i}"))
                    yield return node;
        }

        private IEnumerable<Node> Enum(EnumDescriptorProto type, string scope, string path)
        {
            var name = $"{scope}.{type.Name}";
            yield return Make(name, type, path);
            for (var i = 0; i < type.Value.Count; i++)
                yield return Make($"{name}.{type.Value[i].Name}", type.Value[i], $"{path}.{EnumDescriptorProto.ValueFieldNumber}.{i}");
        }

        private IEnumerable<Node> Service(ServiceDescriptorProto service, string path)
        {
            var name = $"{file.Package}.{service.Name}";
            yield return Make(name, service, path);
            for (var i = 0; i < service.Method.Count; i++)
                yield return Make($"{name}.{service.Method[i].Name}", service.Method[i], $"{path}.{ServiceDescriptorProto.MethodFieldNumber}.{i}");
        }

        private Node Make(string name, IMessage element, string path) =>
            new(name, element, string.Join(' ', _comments.GetValueOrDefault(path, "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }
}
