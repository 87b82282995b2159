using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// Which frames a port may send and gets, in ebtables' nat table, which sees all that enters or leaves by a bridge port, whoever it is
/// from or to.
/// </summary>
internal static class FrameChains
{
    public static void Write(Port port, SecuredNetwork network, bool matchesBridges, ICollection<Chain> chains)
    {
        WriteFrom(port, network, matchesBridges, chains);
        WriteTo(port, network, matchesBridges, chains);
    }

    private static void WriteFrom(Port port, SecuredNetwork network, bool matchesBridges, ICollection<Chain> chains)
    {
        var bindings = Binding.Of(port);
        var chain = new ChainWriter(ChainNames.Of('f', port.NicId), ObjectRef.Port(port.NicId));
        var arp = new ChainWriter(ChainNames.Of('a', port.NicId), ObjectRef.Port(port.NicId));
        var forged = DropLog.ForgedFrame(port, chains);
        if (matchesBridges)
        {
            chain.Add($"--logical-in ! {network.Bridge} -j DROP");
        }

        if (bindings.Count == 1)
        {
            chain.Add($"-s ! {port.Mac} {forged}");
        }
        else
        {
            var macs = new ChainWriter(ChainNames.Of('m', port.NicId), ObjectRef.Port(port.NicId));
            foreach (var mac in bindings.Select(b => b.Mac))
            {
                macs.Add($"-s {mac} -j RETURN");
            }

            macs.Add(forged);
            chains.Add(macs.Finish());
            chain.Add($"-j {macs.Name}");
        }

        var addresses = WriteAddresses(port, bindings, forged, chains);
        chain.Add($"-p ARP -j {arp.Name}");
        chain.Add($"-p IPv4 -j {addresses}");
        chain.Add($"-p IPv6 -j {addresses}");
        AcceptExtraTypes(chain, network);
        chains.Add(chain.Finish());

        foreach (var (mac, own) in bindings)
        {
            // Before it takes an address, a guest asks whether somebody has it.
            arp.Add($"-p ARP --arp-op Request --arp-htype 1 --arp-ptype 0x800 --arp-ip-src 0.0.0.0 --arp-mac-src {mac} -j ACCEPT");
            foreach (var address in Family.V4.Of(own))
            {
                foreach (var operation in (string[])["Request", "Reply"])
                {
                    arp.Add($"-p ARP --arp-op {operation} --arp-htype 1 --arp-ptype 0x800 --arp-ip-src {Spell(address)} --arp-mac-src {mac} -j ACCEPT");
                }
            }
        }

        arp.Add(forged);
        chains.Add(arp.Finish());
    }

    /// <summary>
    /// The addresses that the port has at all; which goes with which MAC is the raw table's. Here, because there fragments have been put
    /// together already, and one with another's address would have become a part of that one's packet.
    /// </summary>
    private static string WriteAddresses(Port port, List<Binding> bindings, string forged, ICollection<Chain> chains)
    {
        var chain = new ChainWriter(ChainNames.Of('w', port.NicId), ObjectRef.Port(port.NicId));
        foreach (var address in bindings.SelectMany(b => Family.V4.Of(b.Addresses)).Distinct())
        {
            chain.Add($"-p IPv4 {Match("--ip-src", address, 32)}-j ACCEPT");
        }

        // Of who has no address yet.
        chain.Add("-p IPv4 --ip-src 0.0.0.0 --ip-dst 255.255.255.255 --ip-proto udp --ip-sport 68 --ip-dport 67 -j ACCEPT");
        foreach (var address in bindings.SelectMany(b => Family.V6.Of(b.Addresses).Append(IpPrefix.Host(Spelling.LinkLocal(b.Mac)))).Distinct())
        {
            chain.Add($"-p IPv6 {Match("--ip6-src", address, 128)}-j ACCEPT");
        }

        chain.Add("-p IPv6 --ip6-src :: -j ACCEPT");
        chain.Add(forged);
        chains.Add(chain.Finish());
        return chain.Name;
    }

    private static string Match(string option, IpPrefix prefix, int whole) =>
        prefix.Length == 0 ? "" : $"{option} {(prefix.Length == whole ? AddressText.Of(prefix.Address) : AddressText.Of(prefix))} ";

    private static void WriteTo(Port port, SecuredNetwork network, bool matchesBridges, ICollection<Chain> chains)
    {
        var chain = new ChainWriter(ChainNames.Of('t', port.NicId), ObjectRef.Port(port.NicId));
        if (matchesBridges)
        {
            chain.Add($"--logical-out ! {network.Bridge} -j DROP");
        }

        // Questions go to everybody; they are also how a router says that it has moved. Answers only to who may have asked.
        chain.Add("-p ARP --arp-op Request -j ACCEPT");
        foreach (var address in Binding.Of(port).SelectMany(b => Family.V4.Of(b.Addresses)).Distinct())
        {
            chain.Add($"-p ARP --arp-op Reply --arp-ip-dst {Spell(address)} -j ACCEPT");
        }

        // To one that asked before it had an address.
        chain.Add("-p ARP --arp-op Reply --arp-ip-dst 0.0.0.0 -j ACCEPT");
        chain.Add("-p IPv4 -j ACCEPT");
        chain.Add("-p IPv6 -j ACCEPT");
        AcceptExtraTypes(chain, network);
        chains.Add(chain.Finish());
    }

    private static void AcceptExtraTypes(ChainWriter chain, SecuredNetwork network)
    {
        foreach (var type in network.ExtraEthertypes)
        {
            chain.Add($"-p {Spelling.Ethertype(type)} -j ACCEPT");
        }

        chain.Add("-j DROP");
    }

    private static string Spell(IpPrefix prefix) => prefix.Length == 32 ? AddressText.Of(prefix.Address) : AddressText.Of(prefix);
}
