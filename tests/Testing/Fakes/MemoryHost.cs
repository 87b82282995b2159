using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Testing.Fakes;

/// <summary>
/// A host whose kernel is in memory: takes a plan's steps as Linux does, with its side effects and refusals, and shows what it has as
/// a HostState. A refused step changes nothing. Not in it: the local table, link-local IPv6 addresses, learned entries.
/// </summary>
public sealed partial class MemoryHost
{
    private ImmutableSortedDictionary<int, Device> _devices = ImmutableSortedDictionary<int, Device>.Empty;
    private ImmutableSortedDictionary<RouteKey, Route> _routes = ImmutableSortedDictionary.Create<RouteKey, Route>(RouteOrder.Instance);
    private ImmutableSortedDictionary<string, string> _settings = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
    private Ruleset _filter = Ruleset.Empty;
    private int _lastIndex;
    private int _failIn;
    private KernelRefusedException? _failure;
    private HostState? _state;

    /// <summary>How many steps were taken; refused ones are not among them.</summary>
    public int Writes { get; private set; }

    /// <summary>
    /// Refuse to delete a device that others stand on, which the kernel would take along: a plan that counts on that is wrong. Off, it
    /// is as in the kernel.
    /// </summary>
    public bool RefuseToOrphan { get; set; } = true;

    /// <summary>What the kernel has now.</summary>
    public HostState State => _state ??= Snapshot();

    /// <summary>The same host, from here on on its own.</summary>
    public MemoryHost Clone() => (MemoryHost)MemberwiseClone();

    /// <summary>Refuses the n-th step from here, counted from 1, and no other.</summary>
    public void FailNext(int atStep = 1, string errno = "EIO", string message = "told to fail") =>
        (_failIn, _failure) = (atStep, new KernelRefusedException(errno, message));

    public void Apply(IEnumerable<PlanStep> steps)
    {
        foreach (var step in steps)
        {
            Apply(step);
        }
    }

    /// <exception cref="KernelRefusedException">The step was refused and changed nothing.</exception>
    public void Apply(PlanStep step)
    {
        if (_failIn > 0 && --_failIn == 0)
        {
            throw _failure!;
        }

        Attempt(() => Take(step));
        Writes++;
    }

    /// <summary>Somebody else empties the packet filter, or fills it.</summary>
    public void PutFilter(Ruleset filter) => Attempt(() => _filter = filter);

    /// <summary>The setting is there, with this value: only such can be written.</summary>
    public void PutSetting(string name, string value) => Attempt(() => _settings = _settings.SetItem(name, value));

    private void Take(PlanStep step)
    {
        switch (step)
        {
            case CreateLink create:
                Create(create.Spec);
                break;
            case DeleteLink delete:
                Delete(Named(delete.Spec.Name));
                break;
            case ChangeLink change:
                Change(Named(change.Link), change.Change);
                break;
            case AddAltName add:
                TakeName(add.AltName, mostBytes: 127);
                Update(Named(add.Link), l => l with { AltNames = [.. l.AltNames, add.AltName] });
                break;
            case RemoveAltName remove:
                RemoveAltName(Named(remove.Link), remove.AltName);
                break;
            case AddAddress add:
                Add(Named(add.Link), add.Address);
                break;
            case RemoveAddress remove:
                Remove(Named(remove.Link), remove.Address.Prefix);
                break;
            case AddRoute add:
                Add(add.Route with { Link = Named(add.Link) });
                break;
            case RemoveRoute remove:
                Remove(remove.Route with { Link = Named(remove.Link) });
                break;
            case MoveRoute move:
                Move(move.Route with { Link = Named(move.From) }, Named(move.To));
                break;
            case AddForwarding add:
                Add(new ForwardingEntry(Named(add.Link), add.Mac, add.Peer) { Permanent = true });
                break;
            case RemoveForwarding remove:
                Remove(new ForwardingEntry(Named(remove.Link), remove.Mac, remove.Peer) { Permanent = true });
                break;
            case SetEgress egress:
                Set(Named(egress.Link), egress);
                break;
            case SetIngress ingress:
                Set(Named(ingress.Link), ingress);
                break;
            case SetSetting set:
                _settings = _settings.ContainsKey(set.Name)
                    ? _settings.SetItem(set.Name, set.Value)
                    : throw new KernelRefusedException("ENOENT", $"no setting {set.Name}");
                break;
            case ChangeFilter filter:
                _filter = filter.After;
                break;
            default:
                throw new ArgumentException($"There is no kernel request for {step.GetType().Name}.", nameof(step));
        }
    }

    /// <summary>All or nothing.</summary>
    private void Attempt(Action change)
    {
        var (devices, routes, settings, filter, last) = (_devices, _routes, _settings, _filter, _lastIndex);
        try
        {
            change();
        }
        catch
        {
            (_devices, _routes, _settings, _filter, _lastIndex) = (devices, routes, settings, filter, last);
            throw;
        }
        finally
        {
            _state = null;
        }
    }

    private HostState Snapshot()
    {
        var builder = HostState.Empty.ToBuilder();
        builder.Filter = _filter;
        foreach (var device in _devices.Values)
        {
            builder.Put(device.Link);
            foreach (var address in device.Addresses)
            {
                builder.Put(device.Link.Index, address);
            }

            foreach (var entry in device.Forwarding)
            {
                builder.Put(entry);
            }

            builder.Put(device.Link.Index, device.Shaping);
        }

        foreach (var route in _routes.Values)
        {
            builder.Put(route);
        }

        foreach (var (name, value) in _settings)
        {
            builder.PutSetting(name, value);
        }

        return builder.ToState();
    }

    /// <summary>A device and what the kernel knows of it that no reader sees: whether a bridge's MTU and MAC were chosen by somebody.</summary>
    private sealed record Device(Link Link)
    {
        public bool IsMtuPinned { get; init; }

        public bool IsMacPinned { get; init; }

        public ImmutableList<InterfaceAddress> Addresses { get; init; } = [];

        public ImmutableList<ForwardingEntry> Forwarding { get; init; } = [];

        public LinkShaping Shaping { get; init; } = LinkShaping.None;
    }
}
