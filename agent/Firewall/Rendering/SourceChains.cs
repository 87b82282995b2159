using System.Buffers.Binary;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// Whose packets a port may send, in the raw table: before connections are tracked, so that an open connection lets nothing through
/// here and a forged packet leaves no trace.
/// </summary>
internal static class SourceChains
{
    private const string NeighbourHeader = "-p ipv6-icmp -m icmp6 --icmpv6-type ";

    public static void Write(Port port, Family family, AddressLists lists, ICollection<Chain> chains)
    {
        var chain = new ChainWriter(ChainNames.Of('s', port.NicId), ObjectRef.Port(port.NicId));
        var bindings = Binding.Of(port);
        var forged = DropLog.Forged(port, chains);
        if (family == Family.V4)
        {
            chain.Add($"-p udp -m udp --sport 67 --dport 68 {forged}");
            RefuseVrrp(chain, port, forged);
            chain.Add("-s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -j RETURN");
        }
        else
        {
            RefuseRouterMessages(chain, forged);
            RefuseVrrp(chain, port, forged);
            CheckNeighbourMessages(chain, port, bindings, forged, chains);
        }

        foreach (var (mac, addresses) in bindings)
        {
            var own = family == Family.V4 ? addresses : addresses.Append(IpPrefix.Host(Spelling.LinkLocal(mac)));
            foreach (var (before, after) in lists.Match(own, isSource: true))
            {
                chain.Add($"{before}{(bindings.Count > 1 ? $"-m mac --mac-source {mac} " : "")}{after}-j RETURN");
            }
        }

        AllowVrrp(chain, port, family, lists);
        chains.Add(chain.Seal(forged));
    }

    /// <summary>A router announces the MAC that it shares from that MAC, but from its own address.</summary>
    private static void AllowVrrp(ChainWriter chain, Port port, Family family, AddressLists lists)
    {
        var (own, group) = family == Family.V4 ? (port.Addresses, "224.0.0.18/32") : ([IpPrefix.Host(Spelling.LinkLocal(port.Mac))], "ff02::12/128");
        foreach (var mac in port.AllowedPairs.Where(p => p.AllowsVrrp && p.Mac is { } m && m != port.Mac).Select(p => p.Mac).Distinct())
        {
            foreach (var (before, after) in lists.Match(own, isSource: true))
            {
                chain.Add($"{before}-d {group} -p 112 -m mac --mac-source {mac} {after}-j RETURN");
            }
        }
    }

    private static void RefuseVrrp(ChainWriter chain, Port port, string forged)
    {
        if (!port.AllowedPairs.Any(p => p.AllowsVrrp))
        {
            chain.Add($"-p 112 {forged}");
        }
    }

    /// <summary>Who is a router, and who gives out addresses, is not for a guest to say.</summary>
    private static void RefuseRouterMessages(ChainWriter chain, string forged)
    {
        chain.Add($"{NeighbourHeader}134 {forged}");
        chain.Add($"{NeighbourHeader}137 {forged}");
        chain.Add($"{NeighbourHeader}130 {forged}");
        chain.Add($"-p udp -m udp --sport 547 --dport 546 {forged}");
    }

    /// <summary>
    /// What ARP is to IPv4: an address may be claimed, or asked for before it is taken, by whom it belongs to, and only with the MAC that
    /// goes with it. Anything in front of the message shifts it, and what is looked for is not found.
    /// </summary>
    private static void CheckNeighbourMessages(ChainWriter chain, Port port, List<Binding> bindings, string forged, ICollection<Chain> chains)
    {
        var targets = new ChainWriter(ChainNames.Of('a', port.NicId), ObjectRef.Port(port.NicId));
        var options = new ChainWriter(ChainNames.Of('q', port.NicId), ObjectRef.Port(port.NicId));
        foreach (var type in (int[])[133, 135, 136])
        {
            chain.Add(string.Create(CultureInfo.InvariantCulture, $"{NeighbourHeader}{type} -m hl ! --hl-eq 255 {forged}"));
        }

        chain.Add($"{NeighbourHeader}136 -j {targets.Name}");
        chain.Add($"{NeighbourHeader}136 -j {options.Name}");
        chain.Add($"-s ::/128 {NeighbourHeader}135 -j {targets.Name}");
        chain.Add($"-s ::/128 -d ff02::1:ff00:0/104 {NeighbourHeader}135 -j RETURN");
        chain.Add($"{NeighbourHeader}135 -j {options.Name}");
        chain.Add($"{NeighbourHeader}133 -j {options.Name}");
        foreach (var type in (int[])[133, 131, 132, 143])
        {
            chain.Add(string.Create(CultureInfo.InvariantCulture, $"-s ::/128 -d ff02::/16 {NeighbourHeader}{type} -j RETURN"));
        }

        foreach (var address in bindings.SelectMany(b => Family.V6.Of(b.Addresses).Append(IpPrefix.Host(Spelling.LinkLocal(b.Mac)))).Distinct())
        {
            targets.Add($"{Match(Compare(48, address))}-j RETURN");
        }

        chains.Add(targets.Seal(forged));
        options.Add($"{NeighbourHeader}133 -m length --length 48 -j RETURN");
        options.Add("-m length --length 64 -j RETURN");
        foreach (var mac in bindings.Select(b => b.Mac).Distinct())
        {
            options.Add($"{NeighbourHeader}133 -m length --length 56 {Match(Option(48, mac))}-j RETURN");
            options.Add($"-m length --length 72 {Match(Option(64, mac))}-j RETURN");
        }

        chains.Add(options.Seal(forged));
    }

    private static string Match(string expression) => $"-m u32 --u32 {Spelling.Quote(expression)} ";

    /// <summary>That the packet has an address of this prefix at a place.</summary>
    private static string Compare(int offset, IpPrefix prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        prefix.Address.TryWriteBytes(bytes, out _);
        var words = new List<string>();
        for (var (at, bits) = (0, Math.Max(prefix.Length, 1)); bits > 0; (at, bits) = (at + 4, bits - 32))
        {
            var mask = bits >= 32 ? uint.MaxValue : ~(uint.MaxValue >> bits);
            var word = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) & mask;
            var where = mask == uint.MaxValue ? $"0x{offset + at:x}" : $"0x{offset + at:x}&0x{mask:x}";
            words.Add($"{where}=0x{word:x}");
        }

        return string.Join("&&", words);
    }

    /// <summary>That it has an option with a link-layer address, the sender's or the target's, and that it is this one.</summary>
    private static string Option(int offset, MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Length];
        mac.CopyTo(bytes);
        var head = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return $"0x{offset:x}=0x{0x0101_0000u | head:x},0x{0x0201_0000u | head:x}&&0x{offset + 4:x}=0x{BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]):x}";
    }
}

/// <summary>A MAC that a port may use, and the addresses that go with it.</summary>
internal readonly record struct Binding(MacAddress Mac, IEnumerable<IpPrefix> Addresses)
{
    /// <summary>The port's own first. A pair that leaves something out means the port's own.</summary>
    public static List<Binding> Of(Port port)
    {
        var bindings = new List<Binding> { new(port.Mac, port.Addresses) };
        foreach (var pair in port.AllowedPairs)
        {
            var (mac, addresses) = (pair.Mac ?? port.Mac, pair.Addresses.Count > 0 ? pair.Addresses : port.Addresses);
            var at = bindings.FindIndex(b => b.Mac == mac);
            if (at < 0)
            {
                bindings.Add(new(mac, addresses));
            }
            else
            {
                bindings[at] = bindings[at] with { Addresses = bindings[at].Addresses.Concat(addresses).Distinct() };
            }
        }

        return bindings;
    }
}
