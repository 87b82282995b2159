using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Journal;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// Reads mutating requests and refuses what is wrong with them, all of it at once. A request inside a Plan is the same one, at another
/// path and only a question.
/// </summary>
internal static class IntentReader
{
    public static Intent Read(V1.ImplementRequest request, DataplaneView view, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var options = ReadOptions(request.Change, planned, path, errors);
        if (request.Network is null)
        {
            errors.Wrong.Add($"{path}network", "is required");
            throw Refuse(errors)!;
        }

        var here = new FieldPath($"{path}network");
        var network = NetworkMapping.ToModel(request.Network, here, errors);
        NetworkRules.Check(network, here, errors.Wrong);
        StandingRules.CheckNetwork(network, view.Desired.Config, here, errors.Wrong);
        if (network.PhysicalNetwork.Length > 0 && !view.Desired.Config.PhysicalNetworks.ContainsKey(network.PhysicalNetwork))
        {
            errors.Wrong.Add($"{here}.physical_network", HostConfigRules.Unknown(network.PhysicalNetwork));
        }

        return Refuse(errors) is { } refusal ? throw refusal : new Intent(options, new PutNetwork(network), _ => here.Name);
    }

    public static Intent Read(V1.ShutdownRequest request, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var options = ReadOptions(request.Change, planned, path, errors);
        CheckId(request.NetworkId, $"{path}network_id", errors);
        return Refuse(errors) is { } refusal ? throw refusal : new Intent(options, new RemoveNetwork(request.NetworkId), _ => $"{path}network_id");
    }

    public static Intent Read(V1.PrepareRequest request, DataplaneView view, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var options = ReadOptions(request.Change, planned, path, errors);
        if (request.Port is null)
        {
            errors.Wrong.Add($"{path}port", "is required");
            throw Refuse(errors)!;
        }

        var here = new FieldPath($"{path}port");
        var port = PortMapping.ToModel(request.Port, here, errors);
        PortRules.Check(port, here, errors.Wrong);
        var groups = AddressGroupMapping.ToModels(request.AddressGroups, path, errors);
        HostConfigRules.CheckGroups(groups, path, errors.Wrong);
        var edit = new PutPort(port, groups.ToValueList());
        StandingRules.CheckPort(port, edit.ApplyTo(view.Desired.Config), here, errors.Wrong);
        return Refuse(errors) is { } refusal ? throw refusal : new Intent(options, edit, _ => here.Name);
    }

    public static Intent Read(V1.ReleaseRequest request, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var options = ReadOptions(request.Change, planned, path, errors);
        CheckId(request.NicId, $"{path}nic_id", errors);
        return Refuse(errors) is { } refusal ? throw refusal : new Intent(options, new RemovePort(request.NicId), _ => $"{path}nic_id");
    }

    public static Intent Read(V1.ApplyRequest request, DataplaneView view, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var options = ReadOptions(request.Change, planned, path, errors);
        var sections = SectionMapping.ToModel(request.Sections, $"{path}sections", errors);
        if (request.Config is null)
        {
            errors.Wrong.Add($"{path}config", "is required");
            throw Refuse(errors)!;
        }

        var here = $"{path}config";
        var draft = HostConfigMapping.ToDraft(request.Config, here, errors);
        var inForce = view.Desired.Config;
        HostConfigRules.Check(draft, sections, inForce, view.State, here, errors.Wrong);
        return Refuse(errors) is { } refusal
            ? throw refusal
            : new Intent(options, new ReplaceConfig(draft.ToConfig(inForce, sections), sections), o => FieldOf(o, draft, here));
    }

    public static Intent Read(V1.ResyncRequest request, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var change = WithoutConfirm(request.Change, "means nothing here: a resync makes no new generation", path, errors);
        var options = ReadOptions(change, planned, path, errors);
        return Refuse(errors) is { } refusal ? throw refusal : new Intent(options, new Resync(), _ => "");
    }

    /// <summary>The generation is kept by name: whether it is still awaited shows when its turn comes.</summary>
    public static Intent Read(V1.ConfirmRequest request, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var change = WithoutConfirm(request.Change, "means nothing here: this is the confirmation", path, errors);
        if (change is { AllowDisruption: true })
        {
            errors.Wrong.Add($"{path}change.allow_disruption", "means nothing here: nothing changes in the kernel");
        }

        if (request.Generation == 0)
        {
            errors.Wrong.Add($"{path}generation", "is required: the one from the report that awaits its confirmation");
        }

        var options = ReadOptions(change, planned, path, errors);
        return Refuse(errors) is { } refusal ? throw refusal : new Intent(options, new ConfirmGeneration(request.Generation), _ => $"{path}generation");
    }

    public static Intent Read(V1.RollbackRequest request, DataplaneView view, IHistory history, string path = "", bool planned = false)
    {
        var errors = new RequestErrors();
        var options = ReadOptions(request.Change, planned, path, errors);
        if (Refuse(errors) is { } refusal)
        {
            throw refusal;
        }

        var target = Find(request.ToGeneration, view, history) ?? throw Refusal.NoSuchGeneration(request.ToGeneration, view.Generation);
        return new Intent(options, new RestoreGeneration(target), _ => $"{path}to_generation");
    }

    /// <summary>The generation in force, the one it may go back to, or an earlier one that the history still has.</summary>
    public static Generation? Find(ulong number, DataplaneView view, IHistory history) =>
        number == view.Generation ? view.InForce
        : number == view.Fallback?.Number ? view.Fallback
        : history.Find(number);

    private static V1.ChangeOptions? WithoutConfirm(V1.ChangeOptions? change, string why, string path, RequestErrors errors)
    {
        if (change?.ConfirmWithin is null)
        {
            return change;
        }

        errors.Wrong.Add($"{path}change.confirm_within", why);
        change = change.Clone();
        change.ConfirmWithin = null;
        return change;
    }

    public static Intent Read(V1.PlanRequest request, DataplaneView view, IHistory history)
    {
        switch (request.RequestCase)
        {
            case V1.PlanRequest.RequestOneofCase.Implement:
                return Read(request.Implement, view, "implement.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Shutdown:
                return Read(request.Shutdown, "shutdown.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Prepare:
                return Read(request.Prepare, view, "prepare.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Release:
                return Read(request.Release, "release.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Apply:
                return Read(request.Apply, view, "apply.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Resync:
                return Read(request.Resync, "resync.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Rollback:
                return Read(request.Rollback, view, history, "rollback.", planned: true);
            case V1.PlanRequest.RequestOneofCase.Confirm:
                return Read(request.Confirm, "confirm.", planned: true);
            default:
                throw Refusal.InvalidArgument([new Violation("request", "is required: one of the requests that can be planned")]);
        }
    }

    /// <summary>Why a request is refused, or null. What is wrong by itself comes before what another version would take.</summary>
    public static RpcException? Refuse(RequestErrors errors) =>
        errors.Wrong.Any ? Refusal.InvalidArgument(errors.Wrong.Found)
        : errors.NotYet.Any ? Refusal.NotInThisVersion(errors.NotYet.Found, AgentVersion.Text)
        : null;

    private static void CheckId(string id, string field, RequestErrors errors)
    {
        if (id.Length == 0)
        {
            errors.Wrong.Add(field, "is required");
        }
        else if (id.Length > 64 || id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
        {
            errors.Wrong.Add(field, "is no id: 1 to 64 characters of A-Z a-z 0-9 . _ -");
        }
    }

    private static ChangeOptions ReadOptions(V1.ChangeOptions? change, bool planned, string path, RequestErrors errors)
    {
        var here = $"{path}change";
        var options = ChangeOptionsMapping.ToModel(change, planned, here, errors);
        ChangeOptionRules.Check(options, planned, new FieldPath(here), errors.Wrong);
        return options;
    }

    private static string FieldOf(ObjectRef subject, ConfigDraft draft, string path)
    {
        var key = subject.Id.Length > 0 ? subject.Id : subject.Name;
        return subject.Kind switch
        {
            ObjectKind.Network => At("networks", draft.Networks, n => n.Id),
            ObjectKind.PhysicalNetwork => At("physical_networks", draft.PhysicalNetworks, p => p.Label),
            ObjectKind.Port => At("ports", draft.Ports, p => p.NicId),
            ObjectKind.AddressGroup => At("address_groups", draft.AddressGroups, g => g.Name),
            ObjectKind.Provider => At("providers", draft.Providers, p => p.Name),
            ObjectKind.ControlNetwork => $"{path}.control_network",
            ObjectKind.Sysctl => $"{path}.settings",
            _ => path,
        };

        // What is in a section that the request leaves as it is has no place in the request.
        string At<T>(string list, IReadOnlyList<T> items, Func<T, string> keyOf)
        {
            for (var i = 0; i < items.Count; i++)
            {
                if (keyOf(items[i]) == key)
                {
                    return $"{path}.{list}[{i}]";
                }
            }

            return path;
        }
    }
}
