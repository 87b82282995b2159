using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.V1;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>The host's network, as management asks for it.</summary>
internal sealed class HostNetworkService(HostCapabilities capabilities, AgentRun run) : HostNetwork.HostNetworkBase
{
    private static readonly string[] Methods =
    [
        .. ImplementedMethods.Of(V1.Diagnostics.Descriptor, typeof(DiagnosticsService)),
        .. ImplementedMethods.Of(HostNetwork.Descriptor, typeof(HostNetworkService)),
        .. ImplementedMethods.Of(V1.Telemetry.Descriptor, typeof(TelemetryService)),
    ];

    public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context)
    {
        var answer = CapabilitiesMapping.ToMessage(capabilities);
        answer.Agent = new AgentInfo { Version = AgentVersion.Text, ApiVersions = { HostNetwork.Descriptor.File.Package }, InstanceId = run.InstanceId };
        answer.Methods.Add(Methods);
        answer.Limits = new Limits { MaxReceiveMessageBytes = AgentHost.MaxReceiveBytes };
        return Task.FromResult(new GetCapabilitiesResponse { Capabilities = answer });
    }
}
