using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <content>Devices that go, in groups.</content>
internal sealed partial class StepWriter
{
    /// <summary>The kernel needs about 8 ms for each, and holds everybody else's changes back for so long.</summary>
    private const int MostDeletedAtOnce = 32;

    /// <summary>
    /// Several devices go together: into a group that nobody else uses, and then the group. While the kernel removes a group nobody can
    /// change any device of the host, not even make a guest's, so a group is small.
    /// </summary>
    private void Delete()
    {
        var there = new List<int>(_deleting.Count);
        foreach (var at in _deleting)
        {
            _outcomes[at] = StepOutcome.Raced;
            var spec = ((DeleteLink)steps[at]).Spec;
            if (IndexOf(spec.Name) != 0 && !IsStrange(spec))
            {
                there.Add(at);
            }
        }

        foreach (var part in there.Chunk(MostDeletedAtOnce))
        {
            if (!_refused)
            {
                DeleteTogether(part);
            }
            else
            {
                Array.ForEach(part, at => _outcomes[at] = default);
            }
        }
    }

    /// <summary>Whether somebody else's device bears the name by now.</summary>
    private bool IsStrange(LinkSpec spec) => known.Find(spec.Name) is { Alias: { Length: > 0 } alias } && alias != spec.Alias;

    /// <summary>A group is all or nothing; if the kernel refuses it the devices go one by one, and it says which it is about.</summary>
    private void DeleteTogether(int[] part)
    {
        IReadOnlyList<int> devices = part;
        if (devices.Count > 1)
        {
            // Zero is where all devices are.
            var group = (uint)Random.Shared.Next(1, int.MaxValue);
            foreach (var at in devices)
            {
                _batch.SetGroup(IndexOf(((DeleteLink)steps[at]).Spec.Name), group);
            }

            devices = Judged(devices);
            if (_refused || devices.Count == 0)
            {
                Release(devices);
                return;
            }

            _batch.DeleteGroup(group);
            if (_batch.Send()[0] is null)
            {
                Forget(devices);
                return;
            }
        }

        foreach (var at in devices)
        {
            _batch.DeleteLink(IndexOf(((DeleteLink)steps[at]).Spec.Name));
        }

        Forget(Judged(devices));
    }

    /// <summary>Sends a request for each of these steps, and returns those that the kernel accepted.</summary>
    private List<int> Judged(IReadOnlyList<int> asked)
    {
        var refusals = _batch.Send();
        for (var i = 0; i < asked.Count; i++)
        {
            _outcomes[asked[i]] = Judge(asked[i], refusals[i]);
        }

        return [.. asked.Where(at => _outcomes[at].Result == StepResult.Applied)];
    }

    /// <summary>Back to where all devices are, as if nothing had been begun.</summary>
    private void Release(IReadOnlyList<int> grouped)
    {
        foreach (var at in grouped)
        {
            _batch.SetGroup(IndexOf(((DeleteLink)steps[at]).Spec.Name), 0);
            _outcomes[at] = default;
        }

        _batch.Send();
    }

    private void Forget(IReadOnlyList<int> deleted)
    {
        foreach (var at in deleted)
        {
            _indexes[((DeleteLink)steps[at]).Spec.Name] = 0;
        }
    }
}
