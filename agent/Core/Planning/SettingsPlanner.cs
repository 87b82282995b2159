using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>The host's kernel settings: only those that were asked for.</summary>
public static class SettingsPlanner
{
    /// <summary>Whether all bridges of the host have what they forward filtered.</summary>
    internal static readonly string[] FilterCalls = ["net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"];

    /// <summary>The settings that matter to a configuration.</summary>
    public static IReadOnlyCollection<string> Names(HostConfig config)
    {
        var names = Wanted(config.Settings).Select(s => s.Name);
        return [.. config.Networks.Values.Any(IsOnForeignBridge) ? names.Union(FilterCalls) : names];
    }

    /// <summary>A network whose ports are to be filtered on a bridge that may not be the agent's.</summary>
    public static bool IsOnForeignBridge(Network network) => network is { Security: not null, Isolation: UntaggedIsolation };

    /// <summary>The settings asked for, by the kernel's dotted names, with their values.</summary>
    public static IEnumerable<(string Name, string Value)> Wanted(HostSettings? settings)
    {
        if (settings is null)
        {
            yield break;
        }

        (string Name, string? Value)[] all =
        [
            ("net.ipv4.ip_forward", Text(settings.IpForward)),
            ("net.ipv6.conf.all.forwarding", Text(settings.Ipv6Forward)),
            ("net.bridge.bridge-nf-call-iptables", Text(settings.BridgeNfCallIptables)),
            ("net.bridge.bridge-nf-call-ip6tables", Text(settings.BridgeNfCallIp6tables)),
            ("net.bridge.bridge-nf-call-arptables", Text(settings.BridgeNfCallArptables)),
            ("net.ipv4.neigh.default.gc_thresh1", Text(settings.Ipv4Neighbours?.GcThresh1)),
            ("net.ipv4.neigh.default.gc_thresh2", Text(settings.Ipv4Neighbours?.GcThresh2)),
            ("net.ipv4.neigh.default.gc_thresh3", Text(settings.Ipv4Neighbours?.GcThresh3)),
            ("net.ipv6.neigh.default.gc_thresh1", Text(settings.Ipv6Neighbours?.GcThresh1)),
            ("net.ipv6.neigh.default.gc_thresh2", Text(settings.Ipv6Neighbours?.GcThresh2)),
            ("net.ipv6.neigh.default.gc_thresh3", Text(settings.Ipv6Neighbours?.GcThresh3)),
            ("net.ipv4.igmp_max_memberships", Text(settings.IgmpMaxMemberships)),
        ];
        foreach (var (name, value) in all)
        {
            if (value is not null)
            {
                yield return (name, value);
            }
        }
    }

    /// <param name="settings">Those asked for.</param>
    /// <param name="former">Those to be put back, with their values.</param>
    /// <param name="state">What the kernel has.</param>
    /// <param name="steps">Where the steps go.</param>
    /// <param name="failures">Where it goes what cannot be.</param>
    internal static void Plan(
        HostSettings? settings, IReadOnlyDictionary<string, string> former, HostState state, List<PlanStep> steps, List<Failure> failures)
    {
        foreach (var (name, value) in former)
        {
            if (state.Setting(name) is { } now && now != value)
            {
                steps.Add(Set(name, value, now));
            }
        }

        foreach (var (name, value) in Wanted(settings))
        {
            var subject = new ObjectRef(ObjectKind.Sysctl, "", name);
            var now = state.Setting(name);
            if (now is null)
            {
                failures.Add(new Failure
                {
                    Operation = "sysctl",
                    Subject = subject,
                    Reason = "NO_SUCH_SETTING",
                    Message = $"this kernel has no setting {name}",
                    Remedy = name.StartsWith("net.bridge.", StringComparison.Ordinal) ? "load the module br_netfilter, or leave the setting unset" : "leave the setting unset",
                });
            }
            else if (now != value)
            {
                steps.Add(Set(name, value, now));
            }
        }
    }

    private static SetSetting Set(string name, string value, string now) =>
        new(new ObjectRef(ObjectKind.Sysctl, "", name), name, value, now) { Attributes = [new AttributeChange("value", now, value)] };

    private static string? Text(bool? flag) => flag switch
    {
        null => null,
        true => "1",
        false => "0",
    };

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
