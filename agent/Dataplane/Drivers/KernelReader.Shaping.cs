using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Netlink.Families;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <content>How fast devices may be: what of it is the agent's, and what is somebody else's.</content>
internal sealed partial class KernelReader
{
    /// <summary>
    /// Of all devices, or only of these. The kernel can only be asked for the queueing disciplines of all; for filters only where there can be
    /// one of the agent's.
    /// </summary>
    private void ReadShaping(HostState.Builder builder, HashSet<int>? links = null)
    {
        foreach (var link in links ?? [])
        {
            builder.Put(link, LinkShaping.None);
        }

        // What the kernel gives a device by itself has no handle, and makes way for whatever is set.
        var set = socket.ReadQdiscs().Where(q => q.Handle != 0 && q.Parent is ShapingMarks.Root or ShapingMarks.Ingress && links?.Contains(q.Link) != false);
        foreach (var qdiscs in set.GroupBy(q => q.Link))
        {
            var shaping = LinkShaping.None;
            foreach (var qdisc in qdiscs)
            {
                shaping = qdisc.Parent == ShapingMarks.Root ? WithEgress(shaping, qdisc) : WithIngress(shaping, qdisc, builder);
            }

            builder.Put(qdiscs.Key, shaping);
        }
    }

    private static LinkShaping WithEgress(LinkShaping shaping, Qdisc qdisc) => qdisc is { Handle: ShapingMarks.EgressHandle, Bucket: { } bucket }
        ? shaping with { Egress = bucket }
        : shaping with { ForeignEgress = Describe(qdisc) };

    private LinkShaping WithIngress(LinkShaping shaping, Qdisc qdisc, HostState.Builder builder)
    {
        if (qdisc.Kind != QdiscKind.Ingress)
        {
            return shaping with { ForeignIngress = Describe(qdisc) };
        }

        IngressLimit? limit = null;
        var hasOthers = false;
        foreach (var filter in ReadFilters(qdisc.Link))
        {
            hasOthers |= filter.Priority != ShapingMarks.FilterPriority;
            limit = filter switch
            {
                { Police: { } bucket } => new PoliceIngress(bucket),
                { RedirectTo: { } to } => new RedirectIngress(builder.NameOf(to)),
                _ => limit,
            };
        }

        // One without filters does nothing, and is as good as none.
        return limit is null
            ? shaping with { ForeignIngress = hasOthers ? Describe(qdisc) : "" }
            : shaping with { Ingress = limit, SharesIngress = hasOthers };
    }

    /// <summary>None, if the device or what held them is gone by now: that is reported, too.</summary>
    private List<IngressFilter> ReadFilters(int link)
    {
        try
        {
            return socket.ReadIngressFilters(link);
        }
        catch (NetlinkException e) when (e.Refusal.IsNotFound)
        {
            return [];
        }
    }

    private static string Describe(Qdisc qdisc) => string.Create(CultureInfo.InvariantCulture, $"{qdisc.Kind} {qdisc.Handle >> 16:x}:");
}
