using System.Globalization;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>
/// Somebody else at work on what is the agent's, with the usual tools: drawn without a look at the host, so that a seed gives the same acts
/// again. What is not there is not changed. The network that traffic goes through is left alone.
/// </summary>
internal static class ChaosStranger
{
    /// <summary>Somebody's device that only makes noise.</summary>
    public const string Noise = "noise";

    /// <summary>More reports than fit into the little room of <see cref="ChaosLife"/>, fast.</summary>
    private const int Storm = 100;

    /// <summary>Does a few things and says which.</summary>
    public static string Act(NetNamespace host, Random dice, int exceptVni = 0)
    {
#pragma warning disable CA5394 // Nothing secret.
        var commands = Enumerable.Range(0, dice.Next(1, 4)).Select(_ => Draw(dice, exceptVni)).ToList();
#pragma warning restore CA5394
        foreach (var command in commands)
        {
            host.TryExec(command.Split(' '));
        }

        return string.Join("; ", commands);
    }

    public static void MakeNoise(NetNamespace host) =>
        host.Ip([.. Enumerable.Range(0, Storm).Select(i => string.Create(CultureInfo.InvariantCulture, $"link set {Noise} mtu {1400 + (i & 1)}"))]);

#pragma warning disable CA5394 // Nothing secret.
    private static string Draw(Random dice, int exceptVni)
    {
        var vni = dice.Next(ChaosConfig.Fewest, exceptVni == 0 ? ChaosConfig.Most + 1 : ChaosConfig.Most);
        var number = (exceptVni == 0 || vni < exceptVni ? vni : vni + 1).ToString(CultureInfo.InvariantCulture);
        var (tunnel, bridge) = ($"vxlan{number}", $"brvx-{number}");
        var either = dice.Next(2) == 0 ? tunnel : bridge;
        return dice.Next(17) switch
        {
            < 3 => $"ip link del {either}",
            3 => $"ip link set {either} down",
            4 => $"ip link set {either} mtu 1300",
            5 => $"ip link set {tunnel} nomaster",
            6 => $"ip link set {either} down name away{number}",
            7 => $"ip link set {bridge} type bridge stp_state 1",
            8 => $"ip link set {bridge} type bridge ageing_time 5000",
            9 => $"sysctl -w net.ipv6.conf.{tunnel}.disable_ipv6=0",
            10 => $"bridge fdb del 00:00:00:00:00:00 dev {tunnel} dst 192.0.2.2",
            11 => $"bridge fdb append 00:00:00:00:00:00 dev {tunnel} dst 192.0.2.77",
            12 => "ip route flush table all proto 203",
            13 => "sysctl -w net.ipv4.ip_forward=0",
            14 => "ip address del 169.254.0.1/16 dev cloud0",
            15 => $"ip link {(dice.Next(2) == 0 ? "del" : "set down")} cloud0",
            _ => dice.Next(2) == 0 ? $"ip link set {ChaosConfig.ManagedBridge} type bridge ageing_time 5000" : $"ip link set {ChaosConfig.ManagedUplink} nomaster",
        };
    }
#pragma warning restore CA5394
}
