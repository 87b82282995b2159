using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Sysctl;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>
/// Writes steps in as few conversations as their order allows: devices to be made are gathered and made together, everything else
/// is queued; a step that needs what is still waiting has it sent first. After a refusal nothing more is begun.
/// </summary>
internal sealed partial class StepWriter(
    RouteSocket socket, KernelNews news, SafeFileHandle? networkNamespace, IReadOnlyList<PlanStep> steps, HostState known)
{
    /// <summary>It takes a millisecond or so; a new bridge may be without carrier for a second.</summary>
    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromSeconds(3);

    /// <summary>ENODEV.</summary>
    private const int NoDevice = 19;

    private readonly RouteBatch _batch = socket.NewBatch();
    private readonly Ipv6Arrival _arrival = new(socket, news);
    private readonly StepOutcome[] _outcomes = new StepOutcome[steps.Count];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<int> _creating = [];
    private readonly List<int> _deleting = [];

    /// <summary>By position in the batch: the step.</summary>
    private readonly List<int> _queued = [];
    private readonly List<(int Step, ChangeWarning Warning)> _warnings = [];
    private bool _refused;

    public StepOutcome[] Run()
    {
        for (var i = 0; i < steps.Count && !_refused; i++)
        {
            switch (steps[i])
            {
                case CreateLink create:
                    // Its parent may be among those that wait.
                    FlushUnless(_creating, also: create.Spec.Parent is { } parent && IndexOf(parent) == 0);
                    _creating.Add(i);
                    break;
                case DeleteLink:
                    FlushUnless(_deleting, also: false);
                    _deleting.Add(i);
                    break;
                default:
                    FlushUnless(_queued, also: false);
                    if (!_refused)
                    {
                        Queue(i);
                    }

                    break;
            }
        }

        Flush();
        foreach (var (at, warning) in _warnings)
        {
            _outcomes[at] = _outcomes[at] with { Warning = warning };
        }

        return _outcomes;
    }

    /// <summary>What waits is of one sort at a time: of this one, or it is sent before.</summary>
    private void FlushUnless(List<int> sort, bool also)
    {
        if (also || _creating.Count + _deleting.Count + _queued.Count > sort.Count)
        {
            Flush();
        }
    }

    private void Flush()
    {
        if (!_refused && _creating.Count > 0)
        {
            Create();
        }

        if (!_refused && _deleting.Count > 0)
        {
            Delete();
        }

        if (_queued.Count > 0)
        {
            Send();
        }

        _creating.Clear();
        _deleting.Clear();
    }

    private void Queue(int at)
    {
        switch (steps[at])
        {
            case ChangeLink change:
                WithIndex(at, change.Link, index => Change(at, change, index));
                break;
            case AddAltName name:
                WithIndex(at, name.Link, index => _batch.AddAltName(index, name.AltName));
                break;
            case RemoveAltName name:
                WithIndex(at, name.Link, index => _batch.RemoveAltName(index, name.AltName));
                break;
            case AddAddress address:
                WithIndex(at, address.Link, index =>
                {
                    _batch.AddAddress(index, address.Address);
                    _arrival.Expect(index, address.Address.Prefix);
                });
                break;
            case RemoveAddress address:
                if (!address.Address.Prefix.IsIpv4)
                {
                    AwaitArrivals(at);
                    if (_refused)
                    {
                        return;
                    }
                }

                WithIndex(at, address.Link, index => _batch.RemoveAddress(index, address.Address));
                break;
            case AddRoute route:
                WithIndex(at, route.Link, index => _batch.AppendRoute(route.Route with { Link = index }));
                break;
            case RemoveRoute route:
                WithIndex(at, route.Link, index => _batch.RemoveRoute(route.Route with { Link = index }));
                break;
            case MoveRoute route:
                WithIndex(at, route.To, index => _batch.AddRoute(route.Route with { Link = index }, replace: true));
                break;
            case AddForwarding entry:
                WithIndex(at, entry.Link, index => _batch.AddForwarding(Entry(index, entry.Mac, entry.Peer), append: entry.Mac.IsZero));
                break;
            case RemoveForwarding entry:
                WithIndex(at, entry.Link, index => _batch.RemoveForwarding(Entry(index, entry.Mac, entry.Peer)));
                break;
            case SetEgress egress:
                WithIndex(at, egress.Link, index => Shape(egress, index));
                break;
            case SetIngress ingress:
                Shape(at, ingress);
                break;
            case SetSetting setting:
                Set(at, setting);
                break;
        }
    }

    /// <summary>
    /// An IPv6 address leaves its device once those that came are answered to where they came. If the kernel takes too long, the change
    /// goes on and says so: an address on two devices is no state to stay in.
    /// </summary>
    private void AwaitArrivals(int at)
    {
        Send();
        if (_refused)
        {
            return;
        }

        if (_arrival.Await(ArrivalLimit) is { Count: > 0 } missing)
        {
            _warnings.Add((at, new ChangeWarning(
                "ADDRESS_NOT_ANSWERED",
                steps[at].Subject,
                $"the kernel took {string.Join(", ", missing.Select(m => $"{m.Address} onto {NameOf(m.Link)}"))}, and takes no packets for it yet;"
                + " see that the device is up and IPv6 is on there")));
        }
    }

    private string NameOf(int link) => _indexes.FirstOrDefault(i => i.Value == link).Key ?? known.Find(link)?.Name ?? $"device {link}";

    private void WithIndex(int at, string name, Action<int> queue)
    {
        var index = IndexOf(name);
        if (index == 0)
        {
            // Gone, or never there: for what removes it that is as good as done, and reading back tells about the rest.
            _outcomes[at] = steps[at].Action == StepAction.Delete || IsRemoval(steps[at]) ? StepOutcome.Raced : Refuse(at, new KernelRefusal("lookup", name, NoDevice));
            return;
        }

        var queued = _batch.Count;
        queue(index);
        if (_batch.Count > queued)
        {
            _queued.Add(at);
        }
    }

    private void Change(int at, ChangeLink change, int index)
    {
        if (change.Change.Ipv6Off is { } off)
        {
            using var visit = NetworkNamespace.Enter(networkNamespace);
            if (InterfaceSysctl.SetIpv6Off(change.Link, off) is { } refusal)
            {
                _outcomes[at] = Refuse(at, refusal);
                return;
            }
        }

        var rest = change.Change with { Ipv6Off = null };
        if (rest.Master is { Length: > 0 } wanted && IndexOf(wanted) == 0)
        {
            // To the kernel a master without an index is none.
            _outcomes[at] = Refuse(at, new KernelRefusal("lookup", wanted, NoDevice));
            return;
        }

        if (rest.IsEmpty)
        {
            _outcomes[at] = StepOutcome.Applied;
            return;
        }

        _batch.ChangeLink(index, rest, rest.Master is { Length: > 0 } master ? IndexOf(master) : 0, change.Kind);
    }

    private void Set(int at, SetSetting setting)
    {
        // Settings come before what relies on them.
        Send();
        try
        {
            using var visit = NetworkNamespace.Enter(networkNamespace);
            SysctlTree.Write(setting.Name, setting.Value);
            _outcomes[at] = StepOutcome.Applied;
        }
        catch (IOException e)
        {
            _outcomes[at] = new StepOutcome(StepResult.Refused, new Failure
            {
                Operation = "sysctl",
                Subject = setting.Subject,
                Reason = "SETTING_REFUSED",
                Message = $"{setting.Name} could not be set to {setting.Value}",
                Evidence = e.Message,
                Remedy = "give the service CAP_NET_ADMIN; settings of the whole machine belong into sysctl.d",
            });
            _refused = true;
        }
    }

    private void Send()
    {
        var refusals = _batch.Send();
        for (var i = 0; i < _queued.Count; i++)
        {
            _outcomes[_queued[i]] = Judge(_queued[i], refusals[i]);
        }

        _queued.Clear();
    }

    private StepOutcome Judge(int at, KernelRefusal? refusal) => refusal switch
    {
        null => StepOutcome.Applied,
        { IsAlreadyThere: true } when steps[at].Action is StepAction.Create => StepOutcome.Raced,
        { IsNotFound: true } when steps[at].Action is StepAction.Delete || IsRemoval(steps[at]) => StepOutcome.Raced,
        _ => Refuse(at, refusal),
    };

    private StepOutcome Refuse(int at, KernelRefusal refusal)
    {
        _refused = true;
        var isJoining = refusal.IsNoBuffers && steps[at] is CreateLink { Spec.Vxlan.Remote: not null };
        return new StepOutcome(
            StepResult.Refused,
            isJoining ? KernelFailures.OfJoining(refusal, steps[at].Subject) : KernelFailures.Of(refusal, steps[at].Subject));
    }

    private int IndexOf(string? name) =>
        name is null ? 0 : _indexes.TryGetValue(name, out var index) ? index : known.Find(name)?.Index ?? 0;

    private static ForwardingEntry Entry(int link, MacAddress mac, System.Net.IPAddress peer) => new(link, mac, peer) { Permanent = true };
}
