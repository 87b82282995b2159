using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>How this host realises networks and ports.</summary>
internal static class RealisationMapping
{
    public static V1.NetworkRealisation ToMessage(NetworkDesign design, bool adopted) => new()
    {
        NetworkId = design.Network.Id,
        Bridge = design.Bridge.Name,
        BridgeAltname = design.Bridge.AltName ?? "",
        Device = design.Device.Name,
        DeviceAltname = design.Device.AltName ?? "",
        GuestMtu = (uint)design.GuestMtu,
        UnderlayMtu = (uint)design.UnderlayMtu,
        GuestMtuLowered = design.GuestMtu < design.WantedMtu,
        Adopted = adopted,
        Provider = design.Provider,
    };

    /// <summary>All of them, sorted by id.</summary>
    public static IEnumerable<V1.NetworkRealisation> ToMessages(ImmutableDictionary<string, NetworkDesign> designs, ChangeReport report)
    {
        var adopted = Adopted(report);
        return Sorted(designs).Select(d => ToMessage(d, adopted.Contains(d.Network.Id)));
    }

    public static IEnumerable<NetworkDesign> Sorted(ImmutableDictionary<string, NetworkDesign> designs) =>
        designs.Values.OrderBy(d => d.Network.Id, StringComparer.Ordinal);

    public static V1.PortRealisation ToMessage(PortDesign design) => new()
    {
        NicId = design.Port.NicId,
        Bridge = design.Bridge,
        Device = design.DeviceHere,
        GuestMtu = (uint)design.GuestMtu,
        Presence = ToMessage(design.Presence),
    };

    /// <summary>All of them, sorted by NIC id.</summary>
    public static IEnumerable<V1.PortRealisation> ToMessages(ImmutableDictionary<string, PortDesign> designs) =>
        designs.Values.OrderBy(d => d.Port.NicId, StringComparer.Ordinal).Select(ToMessage);

    public static V1.PortPresence ToMessage(PortPresence presence) => presence switch
    {
        PortPresence.Waiting => V1.PortPresence.Waiting,
        PortPresence.Attached => V1.PortPresence.Attached,
        PortPresence.Detached => V1.PortPresence.Detached,
        _ => V1.PortPresence.Elsewhere,
    };

    /// <summary>The networks of which the change took over devices that were there before.</summary>
    public static HashSet<string> Adopted(ChangeReport report)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in report.Changes)
        {
            if (change.Step is { Action: StepAction.Adopt, Subject: { Kind: ObjectKind.Network or ObjectKind.Link, Id.Length: > 0 } })
            {
                ids.Add(change.Step.Subject.Id);
            }
        }

        return ids;
    }
}
