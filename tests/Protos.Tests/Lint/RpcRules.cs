using Google.Protobuf.Reflection;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>Every rpc owns its request and its answer, so that each can grow without the others.</summary>
internal static class RpcRules
{
    public static IEnumerable<string> RequestsAndResponses(IReadOnlyList<FileDescriptorProto> files)
    {
        var rpcs = files
            .SelectMany(file => file.Service.SelectMany(service => service.Method.Select(rpc => (file, service, rpc)))).ToList();
        foreach (var (file, service, rpc) in rpcs)
        {
            foreach (var (type, ending) in new[] { (rpc.InputType, "Request"), (rpc.OutputType, "Response") })
            {
                if (type != $".{file.Package}.{rpc.Name}{ending}")
                    yield return $"{file.Package}.{service.Name}.{rpc.Name}: uses {type}, not {rpc.Name}{ending}";
                if (!file.MessageType.Any(message => type == $".{file.Package}.{message.Name}"))
                    yield return $"{file.Package}.{service.Name}.{rpc.Name}: {type} is not declared in its file";
            }
        }
        var uses = rpcs.SelectMany(use => new[] { use.rpc.InputType, use.rpc.OutputType });
        foreach (var shared in uses.GroupBy(type => type).Where(group => group.Count() > 1))
            yield return $"{shared.Key}: is shared by {shared.Count()} uses in rpcs";
    }
}
