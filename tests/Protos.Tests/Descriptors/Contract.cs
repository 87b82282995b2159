using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Descriptors;

/// <summary>The contract of this build, as protoc understood it, with its comments.</summary>
internal static class Contract
{
    /// <summary>Every file of protos/, the standard ones included; google.protobuf's own are left out.</summary>
    public static IReadOnlyList<FileDescriptorProto> All { get; } = Load();

    /// <summary>The files that are ours to lint. Those of others follow other rules.</summary>
    public static IReadOnlyList<FileDescriptorProto> Ours { get; } =
        [.. All.Where(file => file.Package.StartsWith("cloudbr.", StringComparison.Ordinal))];

    private static List<FileDescriptorProto> Load()
    {
        using var stream = typeof(Contract).Assembly.GetManifestResourceStream("contract.binpb")
            ?? throw new InvalidOperationException("The build did not embed contract.binpb.");
        return [.. FileDescriptorSet.Parser.ParseFrom(stream).File.Where(file => file.Package != "google.protobuf")];
    }
}
