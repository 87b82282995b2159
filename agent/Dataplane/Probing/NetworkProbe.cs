using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Probing;

/// <summary>Finds out by trying which kinds of devices this kernel makes, and so what providers can do here. Makes none.</summary>
public static class NetworkProbe
{
    /// <summary>In the calling thread's network namespace: what a kernel can do it can do in each.</summary>
    public static IReadOnlyList<INetworkProvider> Run(string hostname)
    {
        using var socket = RouteSocket.Open();
        KernelFeature[] features =
        [
            Try(socket, "bridge", LinkKind.Bridge, "no bridges"),
            Try(socket, "8021q", LinkKind.Vlan, "no 802.1Q"),
            Try(socket, "vxlan", LinkKind.Vxlan, "no VXLAN"),
            .. Shaping(socket),
        ];
        return [new LinuxBridgeProvider(Describe(features), hostname)];
    }

    internal static Provider Describe(IReadOnlyList<KernelFeature> features)
    {
        bool Has(string name) => features.Any(f => f.Name == name && f.State == Availability.Available);
        var bridges = Has("bridge");
        return new Provider
        {
            Name = LinuxBridgeProvider.Name,
            State = bridges ? ProviderState.Ready : ProviderState.Unavailable,
            Reason = bridges ? "" : features.First(f => f.Name == "bridge").Reason,
            Isolations = bridges ? Enum.GetValues<IsolationKind>().Where(k => Has(ProviderSet.Needs(k))).ToValueList() : [],
            ShapedBy = !Has("tbf") ? ShapingMeans.None : Has("police") ? ShapingMeans.Police : Has("ifb") ? ShapingMeans.Redirect : ShapingMeans.None,
            Features = features.ToValueList(),
        };
    }

    /// <summary>An ifb is asked for only where it is needed: its module makes two devices that nobody asked for.</summary>
    private static IEnumerable<KernelFeature> Shaping(RouteSocket socket)
    {
        yield return Try("tbf", () => (socket.SupportsQdisc(QdiscKind.TokenBucket, out var reason), reason), "no token bucket (sch_tbf)");
        var police = Try("police", () => (socket.SupportsAction("police", out var reason), reason), "no police (act_police)");
        yield return police;
        if (police.State != Availability.Available)
        {
            yield return Try(socket, "ifb", LinkKind.Ifb, "no ifb");
        }
    }

    private static KernelFeature Try(RouteSocket socket, string name, string kind, string without) =>
        Try(name, () => (socket.SupportsLinkKind(kind, out var reason), reason), without);

    private static KernelFeature Try(string name, Func<(bool Has, string Reason)> ask, string without)
    {
        try
        {
            return ask() is (false, var reason)
                ? new KernelFeature(name, Availability.Missing, $"the kernel has {without}{(reason.Length == 0 ? "" : $" ({reason})")}")
                : new KernelFeature(name, Availability.Available, "");
        }
        catch (NetlinkException e)
        {
            return new KernelFeature(name, Availability.Unknown, e.Message);
        }
    }
}
