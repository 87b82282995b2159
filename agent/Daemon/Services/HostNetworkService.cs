using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>The host's network, as management asks for it. This part answers questions; the other one makes changes.</summary>
internal sealed partial class HostNetworkService(
    HostCapabilities capabilities, AgentRun run, IDataplane dataplane, RuleCounters counters, IHistory history, GitHistory git) : HostNetwork.HostNetworkBase
{
    private const int DefaultHistory = 100;
    private const int MostHistory = 1000;

    private static readonly string[] Methods =
    [
        .. ImplementedMethods.Of(V1.Diagnostics.Descriptor, typeof(DiagnosticsService)),
        .. ImplementedMethods.Of(HostNetwork.Descriptor, typeof(HostNetworkService)),
        .. ImplementedMethods.Of(V1.Telemetry.Descriptor, typeof(TelemetryService)),
    ];

    public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context)
    {
        var providers = dataplane.View.Providers;
        var answer = CapabilitiesMapping.ToMessage(capabilities);
        answer.Agent = new AgentInfo { Version = AgentVersion.Text, ApiVersions = { HostNetwork.Descriptor.File.Package }, InstanceId = run.InstanceId };
        answer.Methods.Add(Methods);
        answer.Providers.Add(providers.Select(ProviderMapping.ToMessage));
        answer.KernelFeatures.Add(ProviderMapping.FeaturesOf(providers));
        answer.Limits = new Limits { MaxRulesPerPort = 2 * SecurityRules.MostRules, MaxReceiveMessageBytes = AgentHost.MaxReceiveBytes };
        return Task.FromResult(new GetCapabilitiesResponse { Capabilities = answer });
    }

    public override Task<CheckPhysicalNetworksResponse> CheckPhysicalNetworks(CheckPhysicalNetworksRequest request, ServerCallContext context)
    {
        var response = new CheckPhysicalNetworksResponse();
        response.Checks.Add(dataplane.Check(request.PhysicalNetworks.Count == 0 ? Desired() : Asked(request)).Select(PhysicalNetworkMapping.ToMessage));
        return Task.FromResult(response);
    }

    public override Task<GetConfigResponse> GetConfig(GetConfigRequest request, ServerCallContext context)
    {
        var errors = new RequestErrors();
        var sections = SectionMapping.ToModel(request.Sections, "sections", errors);
        if (IntentReader.Refuse(errors) is { } refusal)
        {
            throw refusal;
        }

        var view = dataplane.View;
        var generation = !request.HasGeneration ? view.InForce
            : IntentReader.Find(request.Generation, view, history) ?? throw Refusal.NoSuchGeneration(request.Generation, view.Generation);
        return Task.FromResult(new GetConfigResponse
        {
            Generation = generation.Number,
            Config = HostConfigMapping.ToMessage(generation.Config, sections),
            AcceptedAt = generation.Number == 0 ? null : Timestamp.FromDateTimeOffset(generation.Entry.AcceptedAt),
        });
    }

    public override Task<ListHistoryResponse> ListHistory(ListHistoryRequest request, ServerCallContext context)
    {
        var errors = new RequestErrors();
        if (request.PageSize > MostHistory)
        {
            errors.Wrong.Add("page_size", $"{request.PageSize} is not between 1 and {MostHistory}");
        }

        ulong? before = null;
        if (request.PageToken.Length > 0)
        {
            if (ulong.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                before = last;
            }
            else
            {
                errors.Wrong.Add("page_token", "is none that this agent gave out");
            }
        }

        if (IntentReader.Refuse(errors) is { } refusal)
        {
            throw refusal;
        }

        var size = request.PageSize == 0 ? DefaultHistory : (int)request.PageSize;
        var entries = history.List(before, size + 1);
        var response = new ListHistoryResponse { HistoryOffReason = git.OffReason ?? "" };
        response.Entries.Add(entries.Take(size).Select(Told));
        if (entries.Count > size)
        {
            response.NextPageToken = entries[size - 1].Generation.ToString(CultureInfo.InvariantCulture);
        }

        return Task.FromResult(response);
    }

    public override async Task<GetStateResponse> GetState(GetStateRequest request, ServerCallContext context)
    {
        if (request is { IncludeForwardingEntries: true, IncludeLinks: false })
        {
            throw Refusal.InvalidArgument([new Violation("include_forwarding_entries", "goes with include_links: the entries stand at their devices")]);
        }

        var forwarding = request.IncludeForwardingEntries ? await dataplane.ReadForwardingAsync(context.CancellationToken) : null;
        var view = dataplane.View;
        var problems = view.FindProblems();
        if (request.StatusOnly)
        {
            return new GetStateResponse { State = new V1.HostState { Status = HostStateMapping.StatusOf(view, problems) } };
        }

        var counts = await counters.ReadAsync(view.Desired, PortStates.Chosen(view, request)).WaitAsync(context.CancellationToken);
        return new GetStateResponse
        {
            State = HostStateMapping.ToMessage(view, problems, dataplane.Check(Desired()), request, forwarding, counts),
        };
    }

    private HistoryEntry Told(Core.Model.Generations.HistoryEntry entry)
    {
        var message = HistoryMapping.ToMessage(entry);
        message.Commit = git.CommitOf(entry.Generation);
        return message;
    }

    private List<Core.Model.Config.PhysicalNetwork> Desired() =>
        [.. dataplane.View.Desired.Config.PhysicalNetworks.Values.OrderBy(p => p.Label, StringComparer.Ordinal)];

    private static Core.Model.Config.PhysicalNetwork[] Asked(CheckPhysicalNetworksRequest request)
    {
        var errors = new RequestErrors();
        var asked = new Core.Model.Config.PhysicalNetwork[request.PhysicalNetworks.Count];
        var labels = new Dictionary<string, int>(asked.Length, StringComparer.Ordinal);
        for (var i = 0; i < asked.Length; i++)
        {
            var here = new FieldPath("physical_networks", i);
            asked[i] = PhysicalNetworkMapping.ToModel(request.PhysicalNetworks[i], here, errors);
            PhysicalNetworkRules.CheckAsked(asked[i], here, errors.Wrong);
            if (!labels.TryAdd(asked[i].Label, i))
            {
                errors.Wrong.Add($"{here}.label", $"{asked[i].Label} is also physical_networks[{labels[asked[i].Label]}].label");
            }
        }

        return IntentReader.Refuse(errors) is { } refusal ? throw refusal : asked;
    }
}
