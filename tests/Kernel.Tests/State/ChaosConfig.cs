using System.Globalization;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Kernel.Tests.Links;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>Configurations of a host that the agent is killed on, as words: "control", "forward", "manage", "static 103 2", "multicast 104".</summary>
internal static class ChaosConfig
{
    /// <summary>In every one of them, and never changed: traffic goes through it.</summary>
    public const int Untouched = 100;

    public const int Fewest = 101;
    public const int Most = 108;
    public const string ManagedUplink = "eth1";
    public const string ManagedBridge = "cloudbr0";

    private static readonly string Peer = "192.0.2.2";

    public static Network UntouchedNetwork(string peer) => TwoAgents.Static(Untouched, peer);

    public static HostConfig Draw(Random dice)
    {
#pragma warning disable CA5394 // Nothing secret.
        var words = Enumerable.Range(Fewest, Most - Fewest + 1).Where(_ => dice.Next(2) == 0).Select(vni => Show(DrawNetwork(dice, vni))).ToList();
        words.AddRange(new[] { "control", "forward", "manage" }.Where(_ => dice.Next(2) == 0));
        return Read(words);
    }

    public static Network DrawNetwork(Random dice, int vni) => dice.Next(3) switch
    {
        0 => TwoAgents.Multicast(vni),
        1 => TwoAgents.Static(vni, Peer),
        _ => TwoAgents.Static(vni, Peer, "192.0.2.3"),
    };
#pragma warning restore CA5394

    public static HostConfig Read(IEnumerable<string> words)
    {
        var config = AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), UntouchedNetwork(Peer));
        foreach (var word in words)
        {
            config = word.Split(' ') switch
            {
                ["nothing"] => HostConfig.Empty,
                ["control"] => config with { ControlNetwork = new ControlNetwork(ControlNetwork.DefaultBridge, ControlNetwork.DefaultAddress, null) },
                ["forward"] => config with { Settings = new HostSettings { IpForward = true } },
                ["manage"] => config with
                {
                    PhysicalNetworks = config.PhysicalNetworks.Add(ManagedBridge, AgentHostScene.Manage(ManagedBridge, ManagedUplink)),
                },
                ["multicast", var vni] => With(config, TwoAgents.Multicast(int.Parse(vni, CultureInfo.InvariantCulture))),
                ["static", var vni, var peers] => With(config, TwoAgents.Static(
                    int.Parse(vni, CultureInfo.InvariantCulture),
                    Enumerable.Range(2, int.Parse(peers, CultureInfo.InvariantCulture)).Select(p => $"192.0.2.{p}"))),
                _ => throw new InvalidDataException($"'{word}' is no part of a configuration"),
            };
        }

        return config;
    }

    public static IEnumerable<string> Show(HostConfig config)
    {
        if (config.PhysicalNetworks.IsEmpty)
        {
            return ["nothing"];
        }

        var words = config.Networks.Values.Where(n => n.Id != TwoAgents.Static(Untouched, Peer).Id).OrderBy(n => n.Id, StringComparer.Ordinal).Select(Show).ToList();
        words.AddRange(config.ControlNetwork is null ? [] : ["control"]);
        words.AddRange(config.Settings is null ? [] : ["forward"]);
        words.AddRange(config.PhysicalNetworks.ContainsKey(ManagedBridge) ? ["manage"] : []);
        return words;
    }

    private static string Show(Network network) => (VxlanIsolation)network.Isolation switch
    {
        { Mode: VxlanStatic { Peers.Count: var peers }, Vni: var vni } => string.Create(CultureInfo.InvariantCulture, $"static {vni} {peers}"),
        { Vni: var vni } => string.Create(CultureInfo.InvariantCulture, $"multicast {vni}"),
    };

    private static HostConfig With(HostConfig config, Network network) => config with { Networks = config.Networks.SetItem(network.Id, network) };
}
