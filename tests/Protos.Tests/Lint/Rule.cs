using Cloudbr.Agent.Protos.Tests.Descriptors;
using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>A rule of the contract's style: from the files to what is wrong with them, one sentence each.</summary>
internal delegate IEnumerable<string> Rule(IReadOnlyList<FileDescriptorProto> files);

internal static class RuleExtensions
{
    /// <summary>All elements of one sort, with their names and comments.</summary>
    public static IEnumerable<(Node Node, T Element)> Elements<T>(this IEnumerable<FileDescriptorProto> files) =>
        from file in files
        from node in Node.Walk(file)
        where node.Element is T
        select (node, (T)node.Element);
}
