using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Cloudbr.Agent.Daemon.Tests.House;

/// <summary>Which types of agent/Rpc a built assembly uses, from its own metadata.</summary>
internal static class RpcReferences
{
    public static IReadOnlyList<string> In(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeReferences.Where(t => IsOfRpc(metadata, t)).Select(t => NameOf(metadata, t)).Order(StringComparer.Ordinal)];
    }

    private static bool IsOfRpc(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind switch
        {
            HandleKind.AssemblyReference =>
                metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == "Cloudbr.Agent.Rpc",
            HandleKind.TypeReference => IsOfRpc(metadata, (TypeReferenceHandle)type.ResolutionScope),
            _ => false,
        };
    }

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{metadata.GetString(type.Name)}"
            : $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
