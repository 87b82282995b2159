using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>
/// Compares how fast ports' devices may be with what is desired. The devices are the hypervisor's: the agent adds its own queue and filter,
/// takes those away where no port asks for them, and leaves what others put there.
/// </summary>
internal sealed class ShapingPlanner
{
    private readonly Desired _before;
    private readonly Desired _after;
    private readonly HostState _state;
    private readonly PlanScope _scope;
    private readonly ICollection<Failure> _failures;
    private readonly List<PlanStep> _made = [];
    private readonly List<PlanStep> _set = [];
    private readonly List<PlanStep> _gone = [];
    private HashSet<string>? _limited;

    private ShapingPlanner(Desired before, Desired after, HostState state, PlanScope scope, ICollection<Failure> failures) =>
        (_before, _after, _state, _scope, _failures) = (before, after, state, scope, failures);

    public static IEnumerable<PlanStep> Plan(Desired before, Desired after, HostState state, PlanScope scope, ICollection<Failure> failures) =>
        new ShapingPlanner(before, after, state, scope, failures).Run();

    private IEnumerable<PlanStep> Run()
    {
        foreach (var design in _scope.Ports is null ? _after.Ports.Values : _scope.Ports.Select(id => _after.Ports.GetValueOrDefault(id)).OfType<PortDesign>())
        {
            if (IsLimited(design))
            {
                Put(design, design.Port.RateLimit!);
            }
        }

        var shaped = _scope.Ports is null
            ? _state.ShapedLinks
            : _scope.Ports.Select(id => _before.Ports.GetValueOrDefault(id) is { } design ? _state.Find(design.Device) : null).OfType<Link>();
        foreach (var link in shaped.Where(l => _state.Shaping(l.Index).IsOurs && !IsWanted(l)).OrderBy(l => l.Index).ToList())
        {
            Clear(link);
        }

        var aliases = _scope.Ports is null ? _state.OwnedAliases.Where(Ownership.IsPorts) : _scope.Ports.Select(id => new Ownership(Ownership.Port, id).Alias);
        foreach (var link in aliases.SelectMany(_state.OwnedBy).Where(l => !IsNeeded(l)).OrderBy(l => l.Index).ToList())
        {
            Remove(link);
        }

        return [.. _made, .. _set, .. _gone];
    }

    private static bool IsLimited(PortDesign design) => design.Port.RateLimit is { } limit && (limit.ToGuest ?? limit.FromGuest) is not null;

    /// <summary>Whether a port with a limit has it, in its place or not; and what is on a device of the agent's own goes with that.</summary>
    private bool IsWanted(Link link) =>
        Ownership.IsPorts(link.Alias)
        || (_limited ??= _after.Ports.Values.Where(IsLimited).Select(p => p.Device).ToHashSet(StringComparer.Ordinal)).Contains(link.Name);

    /// <summary>Whether it is the device that what a guest sends goes through, and the guest's is there.</summary>
    private bool IsNeeded(Link link) =>
        _after.Ports.TryGetValue(Ownership.Read(link.Alias)!.Id, out var design)
        && _state.Find(design.Device) is not null
        && ShapingDesign.Ifb(design)?.Name == link.Name;

    private void Put(PortDesign design, RateLimit limit)
    {
        // Where its device is on no bridge or another one it is left as it is: it is on its way.
        if (design.Presence != PortPresence.Attached || !_scope.Includes(design.Port.NicId) || _state.Find(design.Device) is not { } link)
        {
            return;
        }

        var ifb = ShapingDesign.Ifb(design);
        var subject = Subject(design.Port.NicId, link.Name);
        if (WhyNot(design, limit, link, subject) is { } failure)
        {
            _failures.Add(failure);
            return;
        }

        var mtu = Math.Max(design.GuestMtu, link.Mtu);
        var has = _state.Shaping(link.Index);
        var isNew = ifb is not null && PutIfb(ifb, ShapingDesign.Queue(limit.FromGuest!, mtu), design.Port.NicId);
        SetEgress(subject, link.Name, limit.ToGuest is { } rate ? ShapingDesign.Queue(rate, mtu) : null, has.Egress);
        SetIngress(
            subject,
            link.Name,
            ifb is not null ? new RedirectIngress(ifb.Name) : limit.FromGuest is { } from ? new PoliceIngress(ShapingDesign.Police(from)) : null,
            isNew && has.Ingress is not null ? new RedirectIngress("") : has.Ingress);
    }

    /// <summary>Returns whether it will be a new device, to which nothing leads yet.</summary>
    private bool PutIfb(LinkSpec spec, TokenBucket bucket, string nicId)
    {
        var subject = Subject(nicId, spec.Name);
        var link = _state.Find(spec.Name);
        if (link is null)
        {
            _made.Add(new CreateLink(subject, spec));
        }
        else if (LinkDifference.Between(link, spec, _state, adopting: false) is { } difference)
        {
            _made.Add(Planner.Step(link, subject, StepAction.Update, difference.Change, difference.Before));
        }

        SetEgress(subject, spec.Name, bucket, link is null ? null : _state.Shaping(link.Index).Egress);
        return link is null;
    }

    /// <summary>Why a port cannot be held to its rate here; null if it can.</summary>
    private Failure? WhyNot(PortDesign design, RateLimit limit, Link link, ObjectRef subject)
    {
        if (design.ShapedBy == ShapingMeans.None)
        {
            return Failure(
                subject,
                "SHAPING_NOT_SUPPORTED",
                $"this kernel cannot hold {link.Name} to a rate: GetCapabilities says what it lacks",
                "load the modules sch_tbf, and act_police or ifb, or leave rate_limit out");
        }

        var has = _state.Shaping(link.Index);
        var foreign = limit.ToGuest is not null && has.ForeignEgress.Length > 0 ? has.ForeignEgress
            : limit.FromGuest is not null ? has.ForeignIngress
            : "";
        if (foreign.Length > 0)
        {
            return Failure(
                subject,
                "QDISC_EXISTS",
                $"{link.Name} has the queueing discipline {foreign} of somebody else's already",
                $"see `tc qdisc show dev {link.Name}`, and remove it or leave rate_limit out; the agent leaves alone what is not its own");
        }

        return ShapingDesign.Ifb(design) is { } spec && _state.Find(spec.Name) is { } taken && (taken.Kind != spec.Kind || taken.Alias != spec.Alias)
            ? Failure(subject, "DEVICE_EXISTS", $"{spec.Name}, which what {link.Name} sends is to go through, is here already and somebody else's", $"remove or rename {spec.Name}")
            : null;
    }

    /// <summary>Takes what is the agent's off a device.</summary>
    private void Clear(Link link)
    {
        var owner = OwnerOf(link.Name);
        if (!MayGo(owner))
        {
            return;
        }

        var subject = owner is null ? ObjectRef.Link(link.Name) : Subject(owner, link.Name);
        var has = _state.Shaping(link.Index);
        SetEgress(subject, link.Name, null, has.Egress);
        SetIngress(subject, link.Name, null, has.Ingress);
    }

    private void Remove(Link link)
    {
        var owner = Ownership.Read(link.Alias)!.Id;
        if (MayGo(owner))
        {
            var subject = Subject(owner, link.Name);
            _gone.Add(new DeleteLink(
                subject, LinkSpecs.Of(link, _state), _state.Shaping(link.Index).Egress is { } bucket ? [new SetEgress(subject, link.Name, bucket, null)] : []));
        }
    }

    /// <summary>
    /// As long as nobody has said which ports there are, and of ports that cannot be worked out now, only what this agent knows to be over
    /// goes.
    /// </summary>
    private bool MayGo(string? owner)
    {
        if (owner is null ? _scope.Ports is not null : !_scope.Includes(owner))
        {
            return false;
        }

        var isKnown = owner is not null && _before.Ports.ContainsKey(owner) && (!_after.Config.Ports.ContainsKey(owner) || _after.Ports.ContainsKey(owner));
        return isKnown || (!_after.Undeclared.Contains(ConfigSection.Ports) && _after.Config.Ports.Count == _after.Ports.Count);
    }

    /// <summary>The port that has, or had, this device; null if nobody knows.</summary>
    private string? OwnerOf(string device) =>
        (_after.Ports.Values.FirstOrDefault(p => p.DeviceHere == device) ?? _before.Ports.Values.FirstOrDefault(p => p.Device == device))?.Port.NicId;

    private void SetEgress(ObjectRef subject, string link, TokenBucket? wanted, TokenBucket? now)
    {
        if (wanted != now)
        {
            _set.Add(new SetEgress(subject, link, wanted, now) { Attributes = Words("egress", now, wanted) });
        }
    }

    private void SetIngress(ObjectRef subject, string link, IngressLimit? wanted, IngressLimit? now)
    {
        if (wanted != now)
        {
            _set.Add(new SetIngress(subject, link, wanted, now) { Attributes = Words("ingress", now, wanted) });
        }
    }

    private static ValueList<AttributeChange> Words(string name, object? before, object? after) => [new AttributeChange(name, before?.ToString(), after?.ToString())];

    private static ObjectRef Subject(string nicId, string device) => new(ObjectKind.Port, nicId, device);

    private static Failure Failure(ObjectRef subject, string reason, string message, string remedy) => new()
    {
        Operation = "plan",
        Subject = subject,
        Reason = reason,
        Message = message,
        Remedy = remedy,
    };
}
