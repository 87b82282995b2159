using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_INFO_*: a device's kind and what only that kind has, and the same for what it belongs to.</summary>
internal static class LinkInfoAttributes
{
    public const ushort LinkInfo = 18;
    public const ushort Kind = 1;
    public const ushort Data = 2;
    private const ushort MasterKind = 4;
    private const ushort MasterData = 5;

    public static void Write(ref MessageWriter writer, LinkSpec spec, int parent)
    {
        var info = writer.BeginNested(LinkInfo);
        writer.Text(Kind, spec.Kind);
        if (spec.Bridge is not null || spec.Vlan is not null || spec.Vxlan is not null)
        {
            var data = writer.BeginNested(Data);
            if (spec.Bridge is { } bridge)
            {
                BridgeAttributes.Write(ref writer, bridge);
            }
            else if (spec.Vlan is { } vlan)
            {
                VlanAttributes.Write(ref writer, vlan);
            }
            else if (spec.Vxlan is { } vxlan)
            {
                VxlanAttributes.Write(ref writer, vxlan, parent);
            }

            writer.EndNested(data);
        }

        writer.EndNested(info);
    }

    public static void WriteStp(ref MessageWriter writer, BridgeSettings bridge)
    {
        var info = writer.BeginNested(LinkInfo);
        writer.Text(Kind, LinkKind.Bridge);
        var data = writer.BeginNested(Data);
        BridgeAttributes.WriteStp(ref writer, bridge);
        writer.EndNested(data);
        writer.EndNested(info);
    }

    public static void WriteChange(ref MessageWriter writer, LinkChange change, string kind)
    {
        var info = writer.BeginNested(LinkInfo);
        writer.Text(Kind, kind);
        var data = writer.BeginNested(Data);
        if (change.Bridge is { } bridge)
        {
            BridgeAttributes.Write(ref writer, bridge);
        }

        if (change.Vxlan is { } vxlan)
        {
            VxlanAttributes.WriteChange(ref writer, vxlan);
        }

        writer.EndNested(data);
        writer.EndNested(info);
    }

    public static void WritePort(ref MessageWriter writer, BridgePortSettings port)
    {
        var info = writer.BeginNested(LinkInfo);
        writer.Text(MasterKind, LinkKind.Bridge);
        var data = writer.BeginNested(MasterData);
        BridgePortAttributes.Write(ref writer, port);
        writer.EndNested(data);
        writer.EndNested(info);
    }

    /// <summary>The kind says how the data is to be read, wherever it stands.</summary>
    public static Info Read(AttributeReader attributes)
    {
        var info = default(Info);
        AttributeReader data = default;
        AttributeReader masterData = default;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Kind:
                    info.Kind = Interned(attribute.Text);
                    break;
                case Data:
                    data = attribute.Nested;
                    break;
                case MasterKind:
                    info.MasterKind = Interned(attribute.Text);
                    break;
                case MasterData:
                    masterData = attribute.Nested;
                    break;
            }
        }

        switch (info.Kind)
        {
            case LinkKind.Bridge:
                info.Bridge = BridgeAttributes.Read(data);
                break;
            case LinkKind.Vlan:
                info.Vlan = VlanAttributes.Read(data);
                break;
            case LinkKind.Vxlan:
                info.Vxlan = VxlanAttributes.Read(data, out info.VxlanParent);
                break;
        }

        if (info.MasterKind == LinkKind.Bridge)
        {
            info.Port = BridgePortAttributes.Read(masterData);
        }

        return info;
    }

    // Thousands of devices are of the same few kinds.
    private static string Interned(string kind) => string.IsInterned(kind) ?? kind;

    internal struct Info
    {
        public string? Kind;
        public string? MasterKind;
        public BridgeSettings? Bridge;
        public VlanSettings? Vlan;
        public VxlanSettings? Vxlan;
        public int VxlanParent;
        public BridgePortSettings? Port;
    }
}
