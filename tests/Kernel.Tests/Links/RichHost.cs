using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A host as operators leave one: several addresses and routes of each sort on the uplink, and others' devices beside it.</summary>
internal static class RichHost
{
    /// <summary>On `eth0` of the first of <see cref="TwoHosts"/>, beside 192.0.2.1/24 and 2001:db8::1/64.</summary>
    public static void AddAddressesAndRoutes(NetNamespace host) => host.Ip(
        "address add 192.0.2.10/24 dev eth0",
        "address add 198.51.100.1/24 broadcast 198.51.100.255 label eth0:pub dev eth0",
        "address add 198.51.100.2/24 valid_lft 86400 preferred_lft 43200 dev eth0",
        "address add 2001:db8::10/64 valid_lft 86400 preferred_lft 0 nodad dev eth0",
        "route add default via 192.0.2.2",
        "route add default via 192.0.2.3 metric 100",
        "route add 203.0.113.0/24 via 192.0.2.2 metric 50 proto static mtu 1400",
        "route add 203.0.113.0/24 via 192.0.2.3 metric 60",
        "route add 10.9.0.0/16 dev eth0 src 192.0.2.10",
        "route add 10.10.0.0/16 via 172.16.0.1 dev eth0 onlink",
        "route add 10.11.0.0/16 via 10.9.0.1 dev eth0",
        "route add default via 192.0.2.3 table 100",
        "route add 192.0.2.0/24 dev eth0 table 100",
        "rule add from 192.0.2.10 table 100",
        "route add default via 2001:db8::2",
        "route add 2001:db8:9::/48 via 2001:db8::3 metric 77",
        "route add 2001:db8:a::/48 dev eth0 table 100");

    /// <summary>What is on a device that makes it reachable, with the device's name left out.</summary>
    public static IReadOnlyList<string> Reachability(NetNamespace host, string device) => Reachability(HostSnapshot.Of(host).ToString(), device);

    public static IReadOnlyList<string> Reachability(string snapshot, string device)
    {
        var found = new List<string>();
        var inside = false;
        foreach (var line in snapshot.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != ' ')
            {
                inside = (line.StartsWith($"address {device} ", StringComparison.Ordinal) && !line.Contains(" fe80:", StringComparison.Ordinal))
                    || (line.StartsWith("route", StringComparison.Ordinal) && line.EndsWith($" {device}", StringComparison.Ordinal)
                        && !line.Contains(" fe80:", StringComparison.Ordinal) && !line.Contains(" ff00:", StringComparison.Ordinal));
            }

            if (inside)
            {
                found.Add(line.Replace(device, "DEVICE", StringComparison.Ordinal));
            }
        }

        return found;
    }
}
