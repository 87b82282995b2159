using System.Globalization;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// Makes by hand, on a host, the devices that CloudStack's KVM agent and its scripts make there, under their names and in
/// their order: what an agent of ours finds on a host that it takes over. The older of the scripts made segments' bridges
/// with brctl and set their forward delay to 0.
/// </summary>
public sealed class CloudStackDevices(NetNamespace host, bool olderScripts = false)
{
    /// <summary>What the control network is called, and the host's address in it.</summary>
    public const string ControlBridge = "cloud0";

    public const string ControlAddress = "169.254.0.1/16";

    /// <summary>The kernel's port when none is asked for, older than IANA's.</summary>
    public const int DefaultVxlanPort = 8472;

    /// <summary>The multicast group of a VNI: 239, then the VNI's three bytes.</summary>
    public static string GroupOf(int vni) =>
        string.Create(CultureInfo.InvariantCulture, $"239.{(vni >> 16) & 0xff}.{(vni >> 8) & 0xff}.{vni & 0xff}");

    /// <summary>
    /// What an operator prepares: a bridge with the uplink in it, and on the bridge the addresses that the uplink had. With
    /// a gateway it is the default route.
    /// </summary>
    public string AddPhysicalBridge(
        string uplink, IReadOnlyList<string> addresses, string? gateway = null, string name = "cloudbr0")
    {
        host.Ip([
            $"address flush dev {uplink} scope global",
            .. Bridge(name),
            $"link set {uplink} master {name}",
            $"link set {uplink} up",
            .. addresses.Select(address => VethEnd.Assigning(address, name)),
            .. gateway is null ? Array.Empty<string>() : [$"route add default via {gateway} dev {name}"]]);
        return name;
    }

    /// <summary>
    /// A VLAN: `eth0.761` in `breth0-761`. Where the port of the physical bridge is itself a VLAN device, CloudStack takes the
    /// device under that for the uplink: no tag within a tag. Needs Feature.Vlan.
    /// </summary>
    public Segment AddVlan(string uplink, int id)
    {
        var segment = new Segment($"{uplink}.{id}", $"br{uplink}-{id}");
        host.Ip([
            $"link add link {uplink} name {segment.Device} type vlan id {id}",
            $"link set {segment.Device} up",
            .. SegmentBridge(segment.Bridge),
            $"link set {segment.Device} master {segment.Bridge}"]);
        return segment;
    }

    /// <summary>
    /// A multicast VXLAN: `vxlan101` in `brvx-101`. The device under it is the bridge of the traffic label when there is
    /// one, else the uplink, and has an IPv4 address. Without a port the kernel takes 8472; 4789 is what operators' own
    /// copies of the script ask for. The group gets a route of its own only when it would go elsewhere.
    /// </summary>
    public Segment AddVxlan(string underlay, int vni, int? port = null)
    {
        var segment = new Segment($"vxlan{vni}", $"brvx-{vni}");
        var group = GroupOf(vni);
        var goesThere = host.TryExec(["ip", "route", "get", group]).Output.Contains($"dev {underlay} ", StringComparison.Ordinal);
        var destination = port is null ? "" : $" dstport {port}";
        host.Ip([
            .. goesThere ? Array.Empty<string>() : [$"route add {group}/32 dev {underlay}"],
            $"link add {segment.Device} type vxlan id {vni} group {group} ttl 10 dev {underlay}{destination}",
            $"link set {segment.Device} up",
            .. SegmentBridge(segment.Bridge),
            $"link set {segment.Device} master {segment.Bridge}"]);
        return segment;
    }

    /// <summary>
    /// A VXLAN whose MACs come by BGP-EVPN, as the EVPN variant of the script makes it: no group, no device, a local
    /// address, port 4789, nothing learnt from the data plane, ARP answered locally, no IPv6 on device and bridge.
    /// </summary>
    public Segment AddEvpnVxlan(string localAddress, int vni)
    {
        var segment = new Segment($"vxlan{vni}", $"brvx-{vni}");
        host.Ip([
            $"link add {segment.Device} type vxlan id {vni} local {localAddress} dstport 4789 nolearning",
            $"link set {segment.Device} up",
            .. Bridge(segment.Bridge)]);
        host.Exec(
            "sysctl", "-qw", $"net/ipv6/conf/{segment.Device}/disable_ipv6=1", $"net/ipv6/conf/{segment.Bridge}/disable_ipv6=1");
        host.Ip($"link set {segment.Device} master {segment.Bridge}");
        host.Exec("bridge", "link", "set", "dev", segment.Device, "neigh_suppress", "on", "learning", "off");
        return segment;
    }

    /// <summary>The control network of system VMs: `cloud0` with 169.254.0.1/16, without a port until a system VM comes.</summary>
    public string AddControlNetwork()
    {
        host.Ip([.. Bridge(ControlBridge), $"address add {ControlAddress} dev {ControlBridge}"]);
        return ControlBridge;
    }

    private string[] SegmentBridge(string name) =>
        olderScripts ? [.. Bridge(name), $"link set {name} type bridge forward_delay 0"] : Bridge(name);

    private static string[] Bridge(string name) => [$"link add name {name} type bridge", $"link set {name} up"];

    /// <summary>The tagged device of a segment and the bridge that guests are in.</summary>
    public sealed record Segment(string Device, string Bridge);
}
