using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <content>How fast devices may be.</content>
internal sealed partial class StepWriter
{
    private void Shape(SetEgress egress, int index)
    {
        if (egress.Bucket is { } bucket)
        {
            _batch.SetEgress(index, bucket, isThere: egress.Before is not null);
        }
        else
        {
            _batch.RemoveEgress(index);
        }
    }

    private void Shape(int at, SetIngress ingress)
    {
        var through = ingress.Limit is RedirectIngress { Device: var device } ? IndexOf(device) : 0;
        if (ingress.Limit is RedirectIngress redirect && through == 0)
        {
            _outcomes[at] = Refuse(at, new KernelRefusal("lookup", redirect.Device, NoDevice));
            return;
        }

        WithIndex(at, ingress.Link, index => _ = ingress.Limit switch
        {
            PoliceIngress police => _batch.PoliceIngress(index, police.Bucket),
            RedirectIngress => _batch.RedirectIngress(index, through),
            _ => _batch.RemoveIngress(index, known.Shaping(index).SharesIngress),
        });
    }

    /// <summary>What it takes away may have gone by itself.</summary>
    private static bool IsRemoval(PlanStep step) => step is SetEgress { Bucket: null } or SetIngress { Limit: null };
}
