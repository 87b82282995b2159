using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <content>The control network.</content>
public sealed partial class Planner
{
    /// <summary>The control network is a bridge with an address and no uplink.</summary>
    private void Control()
    {
        var wanted = _after.Config.ControlNetwork;
        foreach (var alias in _after.Undeclared.Contains(ConfigSection.ControlNetwork) ? [] : _state.OwnedAliases)
        {
            if (Ownership.Read(alias) is { Kind: Ownership.Control } && (wanted is null || alias != new Ownership(Ownership.Control, wanted.Bridge).Alias))
            {
                foreach (var link in _state.OwnedBy(alias))
                {
                    Remove(link);
                }
            }
        }

        if (wanted is null)
        {
            return;
        }

        var isNew = Put(ControlDesign.Spec(wanted, _after.Hostname, _state), wanted.Bridge);
        var bridge = isNew ? null : _state.Find(wanted.Bridge);
        IReadOnlyList<InterfaceAddress> addresses = bridge is null ? [] : _state.Addresses(bridge.Index);

        // Old ones go first and the last of them first: with the first of a subnet the kernel takes its others away, also a new one.
        var isInTheWay = addresses.Any(a => IsStale(a, wanted));
        for (var i = addresses.Count - 1; i >= 0; i--)
        {
            if (IsStale(addresses[i], wanted))
            {
                _entries.Add(new RemoveAddress(AddressSubject(wanted, addresses[i].Prefix), wanted.Bridge, addresses[i]));
            }
        }

        if (isInTheWay || !addresses.Any(a => a.Prefix == wanted.Address))
        {
            var known = addresses.FirstOrDefault(a => a.Prefix == wanted.Address);
            if (known is not null)
            {
                _entries.Add(new RemoveAddress(AddressSubject(wanted, wanted.Address), wanted.Bridge, known));
            }

            _entries.Add(new AddAddress(AddressSubject(wanted, wanted.Address), wanted.Bridge, new InterfaceAddress(wanted.Address)));
        }
    }

    /// <summary>
    /// The address that was wanted before, and those in the same subnet; any other was set by somebody for a reason of his own.
    /// </summary>
    private bool IsStale(InterfaceAddress address, ControlNetwork wanted) =>
        address.Prefix != wanted.Address
        && ((_before.Config.ControlNetwork is { } then && then.Bridge == wanted.Bridge && then.Address == address.Prefix)
            || address.Prefix.Contains(wanted.Address.Address)
            || wanted.Address.Contains(address.Prefix.Address));

    private static ObjectRef AddressSubject(ControlNetwork control, IpPrefix prefix) =>
        new(ObjectKind.Address, control.Bridge, prefix.ToString(), control.Bridge);
}
