using Cloudbr.Agent.Protos.Tests.Descriptors;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>
/// An rpc of HostNetwork either says that it changes nothing, or carries the envelope: ChangeOptions change = 1 in, and
/// ChangeReport report = 1 out. Plan takes all that carry it and no other.
/// </summary>
internal static class EnvelopeRules
{
    private const string Options = ".cloudbr.agent.v1.ChangeOptions";
    private const string Report = ".cloudbr.agent.v1.ChangeReport";

    public static IEnumerable<string> Check(IReadOnlyList<FileDescriptorProto> files)
    {
        var messages = files.Elements<DescriptorProto>().ToDictionary(pair => "." + pair.Node.FullName, pair => pair.Element);
        foreach (var (node, rpc) in Rpcs(files))
        {
            var carriesOptions = HasFirst(messages[rpc.InputType], "change", Options);
            var carriesReport = HasFirst(messages[rpc.OutputType], "report", Report);
            var changesNothing = ChangesNothing(node);
            if (!changesNothing && !carriesOptions)
                yield return $"{node}: changes something, and its request does not start with ChangeOptions change = 1";
            if (!changesNothing && !carriesReport)
                yield return $"{node}: changes something, and its answer does not start with ChangeReport report = 1";
            if (changesNothing && carriesOptions)
                yield return $"{node}: changes nothing, and takes ChangeOptions";
        }
        var plannable = messages.Where(message => message.Key.EndsWith(".PlanRequest", StringComparison.Ordinal))
            .SelectMany(message => message.Value.Field.Select(field => field.TypeName)).ToHashSet();
        var mutating = Rpcs(files).Where(pair => !ChangesNothing(pair.Node)).Select(pair => pair.Element.InputType).ToHashSet();
        foreach (var type in mutating.Except(plannable))
            yield return $"{type}: cannot be planned";
        foreach (var type in plannable.Except(mutating))
            yield return $"{type}: can be planned, and changes nothing";
    }

    /// <summary>The names of the rpcs that change the host, in the order of declaration.</summary>
    public static IEnumerable<string> Mutating(IReadOnlyList<FileDescriptorProto> files) =>
        Rpcs(files).Where(pair => !ChangesNothing(pair.Node)).Select(pair => pair.Element.Name);

    private static IEnumerable<(Node Node, MethodDescriptorProto Element)> Rpcs(IReadOnlyList<FileDescriptorProto> files) =>
        files.Elements<MethodDescriptorProto>()
            .Where(pair => pair.Node.FullName.Contains(".HostNetwork.", StringComparison.Ordinal));

    private static bool ChangesNothing(Node rpc) => rpc.Comment.EndsWith("Changes nothing.", StringComparison.Ordinal);

    private static bool HasFirst(DescriptorProto message, string name, string type) =>
        message.Field.Any(field => field.Number == 1 && field.Name == name && field.TypeName == type
            && field.Label != FieldDescriptorProto.Types.Label.Repeated);
}
