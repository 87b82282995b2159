using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Sysctl;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <content>Devices that are made, those together that wait together.</content>
internal sealed partial class StepWriter
{
    /// <summary>
    /// First all of them, switched off; then IPv6 off where it is to be, before it could send anything; then the rest, and up. Masters
    /// come before members, so that at each moment what is up is complete.
    /// </summary>
    private void Create()
    {
        foreach (var at in _creating)
        {
            var spec = SpecAt(at);
            if (spec.Parent is { } parent && IndexOf(parent) == 0)
            {
                // A VXLAN could be made without it, and would be another one than was asked for.
                _outcomes[at] = Refuse(at, new KernelRefusal("lookup", parent, NoDevice));
                _batch.Discard();
                return;
            }

            _batch.CreateLink(spec.Kind == LinkKind.Bridge ? Unpinned(spec) : spec, IndexOf(spec.Parent), master: 0);
        }

        var refusals = _batch.Send();
        var made = new List<int>(_creating.Count);
        for (var i = 0; i < _creating.Count; i++)
        {
            var at = _creating[i];
            _outcomes[at] = Judge(at, refusals[i]);
            if (_outcomes[at].Result == StepResult.Raced && socket.ReadLinks([SpecAt(at).Name])[0] is null)
            {
                // Not the name is there already, but its VNI or VLAN on a device of another name.
                _outcomes[at] = Refuse(at, refusals[i]!);
            }

            if (_outcomes[at].Result == StepResult.Applied)
            {
                made.Add(at);
            }
        }

        var links = socket.ReadLinks([.. made.Select(at => SpecAt(at).Name)]);
        for (var i = 0; i < made.Count; i++)
        {
            _indexes[SpecAt(made[i]).Name] = links[i]?.Index ?? 0;
        }

        if (_refused)
        {
            // They are without their mark yet: nobody would know whose they are.
            Discard(made);
            return;
        }

        Complete(made);
    }

    private void Complete(List<int> made)
    {
        SwitchIpv6Off(made);
        var positions = new List<int>(made.Count);
        foreach (var at in made)
        {
            if (_refused)
            {
                break;
            }

            var spec = SpecAt(at);
            var index = IndexOf(spec.Name);
            positions.Add(_batch.ChangeLink(index, Completion(spec), IndexOf(spec.Master), spec.Kind));
            if (spec.AltName is { } altName)
            {
                _batch.AddAltName(index, altName);
            }
        }

        var end = _batch.Count;
        var refusals = _batch.Send();
        for (var i = 0; i < positions.Count; i++)
        {
            for (var p = positions[i]; p < (i + 1 < positions.Count ? positions[i + 1] : end); p++)
            {
                if (refusals[p] is { } refusal)
                {
                    _outcomes[made[i]] = Refuse(made[i], refusal);
                    break;
                }
            }
        }

        if (_refused)
        {
            Discard([.. made.Where((at, i) => i >= positions.Count || _outcomes[at].Result == StepResult.Refused)]);
        }
    }

    private void SwitchIpv6Off(List<int> made)
    {
        using var visit = NetworkNamespace.Enter(networkNamespace);
        foreach (var at in made)
        {
            var spec = SpecAt(at);
            if (spec.Ipv6Off && InterfaceSysctl.SetIpv6Off(spec.Name, off: true) is { IsNotFound: false } refusal)
            {
                _outcomes[at] = Refuse(at, refusal);
                return;
            }
        }
    }

    /// <summary>What a creation left unfinished is taken away at once; the outcome stays the refusal.</summary>
    private void Discard(List<int> made)
    {
        for (var i = made.Count - 1; i >= 0; i--)
        {
            if (IndexOf(SpecAt(made[i]).Name) is > 0 and var index)
            {
                _batch.DeleteLink(index);
                _indexes[SpecAt(made[i]).Name] = 0;
            }

            if (_outcomes[made[i]].Result == StepResult.Applied)
            {
                _outcomes[made[i]] = default;
            }
        }

        _batch.Send();
    }

    /// <summary>A bridge is made with another MTU than it gets, or it would not be held: see <see cref="LinkChange.PinMtu"/>.</summary>
    private static LinkSpec Unpinned(LinkSpec spec) => spec with { Mtu = spec.Mtu > 1280 ? spec.Mtu - 1 : spec.Mtu + 1 };

    private static LinkChange Completion(LinkSpec spec) => new()
    {
        Alias = spec.Alias,
        Mtu = spec.Kind == LinkKind.Bridge ? spec.Mtu : null,
        Master = spec.Master,
        Up = spec.Up ? true : null,
        Port = spec.Port,
    };

    private LinkSpec SpecAt(int at) => ((CreateLink)steps[at]).Spec;
}
