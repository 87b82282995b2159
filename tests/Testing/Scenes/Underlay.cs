using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>What joins two hosts: which cables are laid, and which device of each host is its uplink.</summary>
public abstract record Underlay(int Mtu)
{
    /// <summary>Room for an inner frame of 1500 bytes in VXLAN over IPv4.</summary>
    public const int DefaultMtu = 1550;

    /// <summary>The name of each host's uplink.</summary>
    public abstract string Uplink { get; }

    /// <summary>A cable: `eth0`.</summary>
    public static Underlay Cable(int mtu = DefaultMtu) => new CableUnderlay(mtu);

    /// <summary>A VLAN device on a cable: `eth0.100`. Needs Feature.Vlan.</summary>
    public static Underlay Vlan(int id = 100, int mtu = DefaultMtu) => new VlanUnderlay(id, mtu);

    /// <summary>
    /// Two cables in a bond: `bond0` of `eth0` and `eth1`. Needs Feature.Bonding. The modes that need no agreement carry at
    /// once; both hosts of an active-backup pair prefer `eth0`, or one would send where the other does not listen.
    /// </summary>
    public static Underlay Bond(string mode = "balance-xor", int mtu = DefaultMtu) => new BondUnderlay(mode, mtu);

    /// <summary>Lays it and gives both uplinks, which carry afterwards, these addresses.</summary>
    internal abstract void Lay(Host first, Host second);

    private sealed record CableUnderlay(int Mtu) : Underlay(Mtu)
    {
        public override string Uplink => "eth0";

        internal override void Lay(Host first, Host second) =>
            VethPair.Connect(
                new(first.Namespace, Uplink, first.UplinkAddresses), new(second.Namespace, Uplink, second.UplinkAddresses), Mtu);
    }

    private sealed record VlanUnderlay(int Id, int Mtu) : Underlay(Mtu)
    {
        public override string Uplink => $"eth0.{Id}";

        internal override void Lay(Host first, Host second)
        {
            VethPair.Connect(new(first.Namespace, "eth0"), new(second.Namespace, "eth0"), Mtu);
            foreach (var host in new[] { first, second })
            {
                var end = new VethEnd(host.Namespace, Uplink, host.UplinkAddresses);
                host.Namespace.Ip([$"link add link eth0 name {Uplink} type vlan id {Id}", .. end.Raising]);
                end.WaitForCarrier();
            }
        }
    }

    private sealed record BondUnderlay(string Mode, int Mtu) : Underlay(Mtu)
    {
        private static readonly string[] Members = ["eth0", "eth1"];

        public override string Uplink => "bond0";

        internal override void Lay(Host first, Host second)
        {
            foreach (var member in Members)
            {
                VethPair.Connect(new(first.Namespace, member), new(second.Namespace, member), Mtu);
            }

            var ends = new[] { first, second }.Select(host => new VethEnd(host.Namespace, Uplink, host.UplinkAddresses)).ToList();
            foreach (var end in ends)
            {
                end.Namespace.Ip([
                    $"link add name {Uplink} type bond mode {Mode} miimon 10",
                    // A bond takes only what is down.
                    .. Members.SelectMany(member => new[] { $"link set {member} down", $"link set {member} master {Uplink}" }),
                    .. Mode == "active-backup" ? new[] { $"link set {Uplink} type bond primary {Members[0]}" } : [],
                    $"link set {Uplink} mtu {Mtu}",
                    .. end.Raising]);
            }

            ends.ForEach(end => end.WaitForCarrier());
        }
    }
}
