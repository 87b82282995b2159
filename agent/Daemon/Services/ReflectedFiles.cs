using Google.Protobuf;
using Google.Protobuf.Reflection;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>The contract as tools such as grpcurl ask for it: files by name or by what they define.</summary>
internal static class ReflectedFiles
{
    private static readonly ServiceDescriptor[] Served =
    [
        V1.Diagnostics.Descriptor,
        V1.HostNetwork.Descriptor,
        V1.Telemetry.Descriptor,
        Grpc.Health.V1.Health.Descriptor,
        Grpc.Reflection.V1.ServerReflection.Descriptor,
        Grpc.Reflection.V1Alpha.ServerReflection.Descriptor,
    ];

    private static readonly Dictionary<string, FileDescriptor> ByName = [];
    private static readonly Dictionary<string, FileDescriptor> BySymbol = [];

    static ReflectedFiles()
    {
        // Not reached from a service, but standing in the details of a failed call.
        foreach (var file in new[] { Google.Rpc.StatusReflection.Descriptor, Google.Rpc.ErrorDetailsReflection.Descriptor, V1.FailureReflection.Descriptor })
        {
            Add(file);
        }

        foreach (var service in Served)
        {
            Add(service.File);
        }
    }

    public static IReadOnlyList<string> Services { get; } = [.. Served.Select(s => s.FullName).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<ByteString>? WithName(string name) =>
        ByName.TryGetValue(name, out var file) ? WithImports(file) : null;

    public static IReadOnlyList<ByteString>? Defining(string symbol) =>
        BySymbol.TryGetValue(symbol, out var file) ? WithImports(file) : null;

    /// <summary>The file and everything it needs, so that one question is enough.</summary>
    private static List<ByteString> WithImports(FileDescriptor file)
    {
        var files = new Dictionary<string, ByteString>();
        Collect(file);
        return [.. files.Values];

        void Collect(FileDescriptor f)
        {
            if (files.TryAdd(f.Name, f.SerializedData))
            {
                foreach (var import in f.Dependencies)
                {
                    Collect(import);
                }
            }
        }
    }

    private static void Add(FileDescriptor file)
    {
        if (!ByName.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var service in file.Services)
        {
            BySymbol[service.FullName] = file;
            foreach (var method in service.Methods)
            {
                BySymbol[method.FullName] = file;
            }
        }

        foreach (var message in file.MessageTypes)
        {
            Add(message);
        }

        foreach (var @enum in file.EnumTypes)
        {
            Add(@enum, file.Package);
        }

        foreach (var import in file.Dependencies)
        {
            Add(import);
        }
    }

    private static void Add(MessageDescriptor message)
    {
        BySymbol[message.FullName] = message.File;
        foreach (var nested in message.NestedTypes)
        {
            Add(nested);
        }

        foreach (var @enum in message.EnumTypes)
        {
            Add(@enum, message.FullName);
        }

        foreach (var field in message.Fields.InDeclarationOrder())
        {
            BySymbol[field.FullName] = message.File;
        }

        foreach (var oneof in message.Oneofs)
        {
            BySymbol[$"{message.FullName}.{oneof.Name}"] = message.File;
        }
    }

    /// <summary>The values of an enum are named beside it, not in it.</summary>
    private static void Add(EnumDescriptor @enum, string scope)
    {
        BySymbol[@enum.FullName] = @enum.File;
        foreach (var value in @enum.Values)
        {
            BySymbol[$"{scope}.{value.Name}"] = @enum.File;
        }
    }
}
