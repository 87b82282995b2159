using System.Reflection;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>Which methods of the contract this agent does more with than answer UNIMPLEMENTED: those that are overridden.</summary>
internal static class ImplementedMethods
{
    public static IEnumerable<string> Of(ServiceDescriptor service, Type implementation) => service.Methods
        .Where(m => implementation.GetMethods(BindingFlags.Public | BindingFlags.Instance).Any(i => i.Name == m.Name && i.DeclaringType == implementation))
        .Select(m => $"{service.FullName}/{m.Name}")
        .Order(StringComparer.Ordinal);
}
