using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_*: a network device. What only some kinds have is in their own files.</summary>
internal static class LinkAttributes
{
    public const ushort Address = 1;
    public const ushort Name = 3;
    public const ushort Mtu = 4;
    public const ushort Parent = 5;
    public const ushort Master = 10;
    public const ushort Alias = 20;
    public const ushort Group = 27;
    public const ushort ExtendedMask = 29;
    public const ushort PropertyList = 52;
    public const ushort AltName = 53;

    /// <summary>RTEXT_FILTER_SKIP_STATS, for <see cref="ExtendedMask"/>: no counters.</summary>
    public const uint SkipStatistics = 8;

    /// <summary>IFF_UP, in the header's flags.</summary>
    public const uint FlagUp = 0x1;

    private const ushort Wireless = 11;
    private const ushort OperState = 16;
    private const ushort AfSpec = 26;
    private const ushort Carrier = 33;
    private const ushort ParentNamespace = 37;

    private const uint FlagLoopback = 0x8;
    private const uint FlagLowerUp = 0x10000;

    private const ushort Inet6Conf = 2;
    private const int DisableIpv6 = 26;

    /// <summary>
    /// Null for a message that is not about the whole device: bridges, IPv6 and wireless extensions send some of their own under the
    /// same type, and a DELLINK of the bridge's means that a member left.
    /// </summary>
    public static Link? Read(ReadOnlySpan<byte> payload)
    {
        var header = FamilyHeaders.Read<LinkHeader>(payload, out var attributes);
        if (header.Family != FamilyNumber.Unspecified)
        {
            return null;
        }

        var link = new LinkBuilder { Carrier = (header.Flags & FlagLowerUp) != 0 };
        foreach (var attribute in new AttributeReader(attributes))
        {
            switch (attribute.Type)
            {
                case Wireless:
                    return null;
                case Name:
                    link.Name = attribute.Text;
                    break;
                case Address:
                    link.Mac = attribute.Mac;
                    break;
                case Mtu:
                    link.Mtu = (int)attribute.UInt32;
                    break;
                case Parent:
                    link.Parent = attribute.Int32;
                    break;
                case ParentNamespace:
                    link.IsParentElsewhere = true;
                    break;
                case Master:
                    link.Master = attribute.Int32;
                    break;
                case Alias:
                    link.Alias = attribute.Text;
                    break;
                case OperState:
                    link.OperState = (OperState)attribute.Byte;
                    break;
                case Carrier:
                    link.Carrier = attribute.Byte != 0;
                    break;
                case PropertyList:
                    link.AltNames = ReadAltNames(attribute.Nested);
                    break;
                case LinkInfoAttributes.LinkInfo:
                    link.Info = LinkInfoAttributes.Read(attribute.Nested);
                    break;
                case AfSpec:
                    link.Ipv6Off = ReadIpv6Off(attribute.Nested);
                    break;
            }
        }

        return link.Build(header.Index, (header.Flags & FlagUp) != 0, (header.Flags & FlagLoopback) != 0);
    }

    private static ValueList<string> ReadAltNames(AttributeReader properties)
    {
        List<string>? names = null;
        foreach (var property in properties)
        {
            if (property.Type == AltName)
            {
                (names ??= []).Add(property.Text);
            }
        }

        return names is null ? [] : names.ToValueList();
    }

    /// <summary>The per-family settings are an array of numbers, as the kernel counts them.</summary>
    private static bool? ReadIpv6Off(AttributeReader families)
    {
        foreach (var family in families)
        {
            if (family.Type != FamilyNumber.Ipv6)
            {
                continue;
            }

            foreach (var attribute in family.Nested)
            {
                if (attribute.Type == Inet6Conf && attribute.Payload.Length >= (DisableIpv6 + 1) * sizeof(int))
                {
                    return attribute.Payload.Slice(DisableIpv6 * sizeof(int), sizeof(int)).ContainsAnyExcept((byte)0);
                }
            }
        }

        return null;
    }

    /// <summary>Attributes come in any order, and some mean something only together.</summary>
    private struct LinkBuilder
    {
        public string? Name;
        public MacAddress? Mac;
        public int Mtu;
        public int Parent;
        public bool IsParentElsewhere;
        public int Master;
        public string? Alias;
        public OperState OperState;
        public bool Carrier;
        public bool? Ipv6Off;
        public ValueList<string> AltNames;
        public LinkInfoAttributes.Info Info;

        public readonly Link Build(int index, bool up, bool isLoopback)
        {
            // A veth's "link" is its peer, which it does not stand on.
            var stands = !IsParentElsewhere && Info.Kind != LinkKind.Veth;
            var parent = Info.Vxlan is not null ? Info.VxlanParent : Parent;
            return new Link
            {
                Index = index,
                Name = Name ?? throw NetlinkException.Malformed($"link {index} has no name"),
                AltNames = AltNames,
                Kind = Info.Kind ?? "",
                Alias = Alias ?? "",
                Mac = Mac,
                Mtu = Mtu,
                IsLoopback = isLoopback,
                Up = up,
                Carrier = Carrier,
                OperState = OperState,
                Master = Master,
                MasterKind = Info.MasterKind ?? "",
                Parent = stands ? parent : 0,
                Ipv6Off = Ipv6Off,
                Bridge = Info.Bridge,
                Vlan = Info.Vlan,
                Vxlan = Info.Vxlan,
                Port = Info.Port,
            };
        }
    }
}
