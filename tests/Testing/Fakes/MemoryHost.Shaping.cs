using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Testing.Fakes;

public sealed partial class MemoryHost
{
    /// <summary>What somebody else did to how fast a device may be.</summary>
    public void PutShaping(string link, LinkShaping shaping) => Attempt(() => Set(_devices[Named(link)] with { Shaping = shaping }));

    private void Set(int index, SetEgress step)
    {
        var device = _devices[index];
        var has = device.Shaping;
        if (step is { Bucket: not null, Before: null } && (has.Egress is not null || has.ForeignEgress.Length > 0))
        {
            throw new KernelRefusedException("EEXIST", $"{device.Link.Name} has a root queueing discipline");
        }

        if (has.Egress is null && (step.Bucket is null || step.Before is not null))
        {
            throw new KernelRefusedException("ENOENT", $"{device.Link.Name} has no such queueing discipline");
        }

        Set(device with { Shaping = has with { Egress = step.Bucket } });
    }

    private void Set(int index, SetIngress step)
    {
        var device = _devices[index];
        var has = device.Shaping;
        if (step.Limit is null && has.Ingress is null)
        {
            throw new KernelRefusedException("ENOENT", $"{device.Link.Name} has no such filter");
        }

        if (has.ForeignIngress.Length > 0)
        {
            throw new KernelRefusedException("EINVAL", $"{device.Link.Name} has {has.ForeignIngress}");
        }

        if (step.Limit is RedirectIngress redirect)
        {
            Named(redirect.Device);
        }

        Set(device with { Shaping = has with { Ingress = step.Limit } });
    }
}
