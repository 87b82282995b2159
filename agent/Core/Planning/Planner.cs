using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>
/// Compares what is desired with what the kernel has, and orders the difference: settings first; then what must go; then MTUs that
/// shrink, from the guests down; then physical networks; then what is new or grows, from the underlay up, so that no frame ever meets
/// a device that is narrower than where it came from; at last the physical networks that nothing stands on any more. Pure.
/// </summary>
public sealed partial class Planner
{
    private readonly Desired _before;
    private readonly Desired _after;
    private readonly HostState _state;
    private readonly PlanScope _scope;
    private readonly bool _allowDisruption;
    private readonly List<PlanStep> _loosened = [];
    private readonly List<PlanStep> _removals = [];
    private readonly List<PlanStep> _shrinkingBridges = [];
    private readonly List<PlanStep> _shrinkingDevices = [];
    private readonly List<PlanStep> _newBridges = [];
    private readonly List<PlanStep> _devices = [];
    private readonly List<PlanStep> _bridges = [];
    private readonly List<PlanStep> _entries = [];
    private readonly List<Failure> _failures = [];
    private readonly List<ChangeWarning> _warnings = [];
    private readonly HashSet<GroupKey> _routed = [];
    private readonly HashSet<int> _disrupted = [];

    private Planner(Desired before, Desired after, HostState state, PlanScope scope, bool allowDisruption)
    {
        _before = before;
        _after = after;
        _state = state;
        _scope = scope;
        _allowDisruption = allowDisruption;
    }

    /// <param name="before">The desired state so far, for what only it tells, such as the uplink that is no longer wanted.</param>
    /// <param name="after">The desired state.</param>
    /// <param name="state">What the kernel has.</param>
    /// <param name="scope">Which part to look at.</param>
    /// <param name="allowDisruption">Whether traffic of ports in use may be interrupted.</param>
    public static Plan Make(Desired before, Desired after, HostState state, PlanScope scope, bool allowDisruption) =>
        new Planner(before, after, state, scope, allowDisruption).Run();

    private Plan Run()
    {
        var physical = new PhysicalPlanner(_before, _after, _state, Disrupt, _failures, _warnings);
        var settings = new List<PlanStep>();
        if (_scope.Networks is null)
        {
            SettingsPlanner.Plan(_after.Config.Settings, _after.Former, _state, settings, _failures);
            physical.Run();
            Control();
            var isWhole = !_after.Undeclared.Contains(ConfigSection.Networks);
            foreach (var alias in _state.OwnedAliases)
            {
                if (Ownership.Read(alias) is { Kind: Ownership.Network } owner
                    && (isWhole || _after.Networks.ContainsKey(owner.Id))
                    && !IsLeftAlone(owner.Id))
                {
                    RemoveUnclaimed(alias);
                }
            }

            foreach (var design in _after.Networks.Values)
            {
                if (!IsLeftAlone(design.Network.Id))
                {
                    Put(design);
                }
            }

            if (isWhole && _after.Undesigned.IsEmpty && _scope.Except.Count == 0)
            {
                ReleaseStrayGroupRoutes();
            }
        }
        else
        {
            foreach (var id in _scope.Networks.Where(id => !IsLeftAlone(id)))
            {
                RemoveUnclaimed(new Ownership(Ownership.Network, id).Alias);
                if (_after.Networks.TryGetValue(id, out var design))
                {
                    Put(design);
                }
            }
        }

        var shaping = ShapingPlanner.Plan(_before, _after, _state, _scope, _failures);

        // Closed before anything of it is there, and open until everything is gone.
        var filter = FilterPlanner.Plan(_before, _after, _state, _scope.Except);
        var isOnlyLess = filter.All(s => s.Action == StepAction.Delete);
        return new Plan(
            [
                .. isOnlyLess ? [] : filter, .. settings, .. _loosened, .. _removals, .. _shrinkingBridges, .. _shrinkingDevices, .. physical.Steps,
                .. _newBridges, .. _devices, .. _bridges, .. PortPlanner.Plan(_before, _after, _state), .. shaping, .. _entries, .. physical.Removals,
                .. isOnlyLess ? filter : [],
            ],
            _failures,
            _warnings);
    }

    private bool IsLeftAlone(string network) => _after.Undesigned.ContainsKey(network) || _scope.Except.Contains(network);

    private void Put(NetworkDesign design)
    {
        if (_after.Config.IsSwitchedOff(design.Provider))
        {
            return;
        }

        if (design.GuestMtu < design.WantedMtu)
        {
            _warnings.Add(new ChangeWarning(
                "GUEST_MTU_LOWERED",
                ObjectRef.Network(design.Network.Id),
                $"guest MTU {design.WantedMtu} does not fit into the underlay's {design.UnderlayMtu}; it is {design.GuestMtu} on {design.Bridge.Name}"));
        }

        if (design.Links.Count == 0 && _state.Find(design.Bridge.Name) is null && !IsSwitchedOn(design.Bridge.Name))
        {
            _failures.Add(new Failure
            {
                Operation = "plan",
                Subject = ObjectRef.Network(design.Network.Id),
                Reason = "BRIDGE_MISSING",
                Message = $"{design.Bridge.Name}, which the untagged network {design.Network.Id} is on, is not on this host any more",
                Remedy = $"make {design.Bridge.Name} again, or Apply the physical network {design.Network.PhysicalNetwork} with mode MANAGE",
                Retryable = true,
            });
        }

        if (design is { Network.Security: not null, Links.Count: 0 } && !MeetsFilter(design.Bridge.Name))
        {
            _failures.Add(new Failure
            {
                Operation = "plan",
                Subject = ObjectRef.Network(design.Network.Id),
                Reason = "BRIDGE_NOT_FILTERED",
                Message = $"what passes {design.Bridge.Name} does not meet iptables, so the ports of network {design.Network.Id} could not be filtered",
                Remedy = $"set settings.bridge_nf_call_iptables and bridge_nf_call_ip6tables, or have the agent manage {design.Bridge.Name} (mode MANAGE)",
            });
        }

        CheckClosing(design);
        var wasRecreated = false;
        foreach (var spec in design.Links)
        {
            wasRecreated = Put(spec, design.Network.Id);
        }

        if (design.Group is { } group)
        {
            PutGroupRoute(group, design.GroupDevice, design.Network.Id);
        }

        PutForwarding(design, isNew: wasRecreated);
    }

    /// <summary>A bridge that is not the agent's is left as it is: its own setting, or the whole host's, has to be there already.</summary>
    private bool MeetsFilter(string bridge) =>
        _after.Config.PhysicalNetworks.Values.Any(p => p.Label == bridge && p.Mode == PhysicalNetworkMode.Manage)
        || _state.Find(bridge)?.Bridge is { MeetsFilter: true }
        || SettingsPlanner.FilterCalls.All(name => _state.Setting(name) == "1" || SettingsPlanner.Wanted(_after.Config.Settings).Any(s => s.Name == name && s.Value == "1"));
}
