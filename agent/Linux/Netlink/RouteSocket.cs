using System.Globalization;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// The kernel's network configuration through rtnetlink: reads it, and makes batches that change it. Used by one thread at a time;
/// it stays in the network namespace that it was opened in.
/// </summary>
public sealed class RouteSocket : IDisposable
{
    private const int ReceiveBuffer = 1024 * 1024;
    private const int RequestRoom = 256;

    private readonly Conversation _conversation;
    private readonly LinkLookup _lookup;

    internal RouteSocket(IDatagramSocket socket)
    {
        _conversation = new Conversation(socket);
        _lookup = new LinkLookup(_conversation);
    }

    /// <summary>How many requests that change something were ever sent: none, if everything was as it is to be.</summary>
    public long Writes { get; private set; }

    /// <summary>In the calling thread's network namespace.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NetlinkProtocol.Route, ReceiveBuffer));

    public static RouteSocket Open(SafeFileHandle networkNamespace) => NetworkNamespaceThread.Run(networkNamespace, Open);

    public RouteBatch NewBatch() => new(_conversation, count => Writes += count);

    public List<Link> ReadLinks()
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], RtmType.GetLink, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(default(LinkHeader));
        request.UInt32(LinkAttributes.ExtendedMask, LinkAttributes.SkipStatistics);
        return Dump<Link>(ref request, "links", static (in MessageHeader header, ReadOnlySpan<byte> payload, List<Link> into) =>
        {
            if (header.Type == RtmType.NewLink && LinkAttributes.Read(payload) is { } link)
            {
                into.Add(link);
            }
        });
    }

    /// <summary>By name or altname; null if there is none.</summary>
    public Link? ReadLink(string name) => _lookup.Find([name])[0];

    /// <summary>Null if there is none.</summary>
    public Link? ReadLink(int index) => _lookup.Find([index])[0];

    /// <summary>By position: null where there is no such device.</summary>
    public List<Link?> ReadLinks(IReadOnlyList<int> indexes) => _lookup.Find(indexes);

    /// <summary>By position: null where no device has this name or altname.</summary>
    public List<Link?> ReadLinks(IReadOnlyList<string> names) => _lookup.Find(names);

    /// <summary>IPv4's and IPv6's, of one device or with 0 of all.</summary>
    public List<(int Link, InterfaceAddress Address)> ReadAddresses(int link = 0)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], RtmType.GetAddress, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(new AddressHeader { Index = link });
        return Dump<(int Link, InterfaceAddress Address)>(
            ref request,
            link == 0 ? "addresses" : Of("addresses", link),
            (in MessageHeader header, ReadOnlySpan<byte> payload, List<(int, InterfaceAddress)> into) =>
            {
                if (header.Type == RtmType.NewAddress && AddressAttributes.Read(payload, out var on) is { } address && IsOf(link, on))
                {
                    into.Add((on, address));
                }
            });
    }

    /// <summary>IPv4's and IPv6's, of all tables, without the cache's entries.</summary>
    public List<Route> ReadRoutes()
    {
        var routes = ReadRoutes(FamilyNumber.Ipv4);
        routes.AddRange(ReadRoutes(FamilyNumber.Ipv6));
        return routes;
    }

    /// <summary>The forwarding tables of bridges and VXLAN devices, of one device or with 0 of all, learned entries too.</summary>
    public List<ForwardingEntry> ReadForwarding(int link = 0)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], RtmType.GetNeighbour, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(NeighbourAttributes.FilterFor(link));
        return Dump<ForwardingEntry>(
            ref request,
            link == 0 ? "forwarding entries" : Of("forwarding entries", link),
            (in MessageHeader header, ReadOnlySpan<byte> payload, List<ForwardingEntry> into) =>
            {
                if (header.Type == RtmType.NewNeighbour && NeighbourAttributes.Read(payload) is { } entry && IsOf(link, entry.Link))
                {
                    into.Add(entry);
                }
            });
    }

    /// <summary>The queueing disciplines of one device, or with 0 of all.</summary>
    public List<Qdisc> ReadQdiscs(int link = 0)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], RtmType.GetQdisc, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(new QdiscHeader { Index = link });
        return Dump<Qdisc>(
            ref request,
            link == 0 ? "queueing disciplines" : Of("queueing disciplines", link),
            (in MessageHeader header, ReadOnlySpan<byte> payload, List<Qdisc> into) =>
            {
                // The kernel sends those of all devices, whatever is asked for.
                if (header.Type == RtmType.NewQdisc && QdiscAttributes.Read(payload) is var qdisc && IsOf(link, qdisc.Link))
                {
                    into.Add(qdisc);
                }
            });
    }

    /// <summary>The filters of what comes in at a device. The kernel tells of one filter in several messages, not all of them with what it does.</summary>
    public List<IngressFilter> ReadIngressFilters(int link)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], RtmType.GetFilter, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(new QdiscHeader { Index = link, Parent = ShapingMarks.IngressHandle });
        return Dump<IngressFilter>(
            ref request,
            Of("filters", link),
            static (in MessageHeader header, ReadOnlySpan<byte> payload, List<IngressFilter> into) =>
            {
                if (header.Type == RtmType.NewFilter)
                {
                    into.Add(FilterAttributes.Read(payload));
                }
            });
    }

    /// <summary>Whether this kernel can make devices of a kind, loading its module if need be. Makes none.</summary>
    public bool SupportsLinkKind(string kind, out string reason) => new LinkKindProbe(_conversation).Supports(kind, out reason);

    /// <summary>Whether this kernel has a queueing discipline. Makes none.</summary>
    public bool SupportsQdisc(string kind, out string reason) => new TrafficControlProbe(_conversation).SupportsQdisc(kind, out reason);

    /// <summary>Whether this kernel has what a filter may do. Makes none.</summary>
    public bool SupportsAction(string kind, out string reason) => new TrafficControlProbe(_conversation).SupportsAction(kind, out reason);

    public void Dispose() => _conversation.Dispose();

    private List<Route> ReadRoutes(byte family)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], RtmType.GetRoute, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(new RouteHeader { Family = family });
        return Dump<Route>(
            ref request,
            "routes",
            (in MessageHeader header, ReadOnlySpan<byte> payload, List<Route> into) =>
            {
                // A kernel without IPv6 answers the question for its routes with those of all families.
                if (header.Type == RtmType.NewRoute && payload.Length > 0 && payload[0] == family && RouteAttributes.Read(payload) is { } route)
                {
                    into.Add(route);
                }
            });
    }

    private List<T> Dump<T>(ref MessageWriter request, string subject, DumpReader<T> read) =>
        _conversation.Dump(request.Finish(), "read", subject, read);

    private static bool IsOf(int wanted, int link) => wanted == 0 || wanted == link;

    private static string Of(string what, int link) => string.Create(CultureInfo.InvariantCulture, $"{what} of link {link}");
}
