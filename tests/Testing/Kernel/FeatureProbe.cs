using System.Collections.Concurrent;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Kernel;

/// <summary>
/// Finds out whether this kernel can do a thing by doing it in a namespace that is thrown away: version numbers and
/// configuration files say what somebody meant, not what works here.
/// </summary>
public static class FeatureProbe
{
    private static readonly ConcurrentDictionary<Feature, Lazy<string?>> Answers = new();

    /// <summary>How people call it.</summary>
    public static string NameOf(Feature feature) => RecipeOf(feature).Name;

    public static bool Has(Feature feature) => WhyMissing(feature) is null;

    /// <summary>Null when the kernel can do it, else the refused command and the kernel's words.</summary>
    public static string? WhyMissing(Feature feature) =>
        Answers.GetOrAdd(feature, static f => new Lazy<string?>(() => Try(RecipeOf(f)))).Value;

    private static string? Try(Recipe recipe)
    {
        using var throwaway = NetNamespace.Create();
        foreach (var command in recipe.Commands)
        {
            var result = throwaway.TryExec(command.Split(' '));
            // nsenter's and the shell's convention: a missing program is a broken machine, not a lacking kernel.
            if (result.ExitCode is 126 or 127)
            {
                throw new InvalidOperationException($"cannot run {result}\n`tests/run` installs what is missing");
            }

            if (!result.Succeeded)
            {
                return $"{command}: {result.Error.ReplaceLineEndings(" ").Trim()}";
            }
        }

        return null;
    }

    private static Recipe RecipeOf(Feature feature) => feature switch
    {
        Feature.Veth => new("veth pairs", "ip link add name a type veth peer name b"),
        Feature.Bridge => new("bridges", "ip link add name br type bridge"),
        Feature.BridgeVlanFiltering => new("bridge VLAN filtering", "ip link add name br type bridge vlan_filtering 1"),
        Feature.Vlan => new("802.1Q", "ip link add name br type bridge", "ip link add link br name br.5 type vlan id 5"),
        Feature.Vxlan => new("VXLAN", "ip link add name vx type vxlan id 5 dstport 4789 dev lo"),
        Feature.Bonding => new("bonding", "ip link add name bond type bond mode active-backup"),
        Feature.Dummy => new("dummy devices", "ip link add name d type dummy"),
        Feature.Netem => new("netem", "tc qdisc add dev lo root netem loss 1%"),
        Feature.Police => new("traffic policing", "tc qdisc add dev lo ingress",
            "tc filter add dev lo parent ffff: protocol all u32 match u32 0 0 police rate 1mbit burst 10k drop"),
        Feature.Ifb => new("ifb devices", "ip link add name i type ifb", "tc qdisc add dev lo ingress",
            "tc filter add dev lo parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev i"),
        Feature.Gre => new("GRE", "ip link add name g type gretap remote 127.0.0.1 local 127.0.0.1"),
        Feature.Htb => new("HTB", "tc qdisc add dev lo root handle 1: htb default 1"),
        Feature.Tbf => new("token buckets", "tc qdisc add dev lo root tbf rate 1mbit burst 10k limit 10k"),
        Feature.Tun => new("tap devices", "ip tuntap add dev t mode tap"),
        Feature.IptablesNft => new("iptables on nf_tables", "iptables-nft -w 10 -A INPUT -i nowhere -j DROP"),
        Feature.IptablesLegacy => new("legacy xtables", "iptables-legacy -w 10 -A INPUT -i nowhere -j DROP"),
        Feature.EbtablesNft => new("ebtables on nf_tables", "ebtables-nft -A FORWARD -i nowhere -j DROP"),
        Feature.EbtablesLegacy => new("legacy ebtables", "ebtables-legacy -A FORWARD -i nowhere -j DROP"),
        Feature.Ipset => new("ipset", "ipset create s hash:ip"),
        Feature.ConntrackZones => new("connection tracking zones", "iptables -w 10 -t raw -A PREROUTING -j CT --zone 1"),
        Feature.NftablesRandom => new("random numbers in nf_tables", "nft add table ip t", "nft add chain ip t c",
            "nft add rule ip t c numgen random mod 100 < 5 drop"),
        Feature.OpenVSwitch => new("Open vSwitch", "ovs-dpctl add-dp probe"),
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature, "no recipe"),
    };

    private sealed record Recipe(string Name, params IReadOnlyList<string> Commands);
}
