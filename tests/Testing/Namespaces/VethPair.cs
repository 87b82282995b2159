using System.Text.Json;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>A cable between two namespaces.</summary>
public sealed record VethPair(VethEnd Left, VethEnd Right)
{
    /// <summary>Lays the cable, gives both ends their addresses, and returns when both carry.</summary>
    public static VethPair Connect(VethEnd left, VethEnd right)
    {
        left.Namespace.Exec(
            "ip", "link", "add", "name", left.Name, "type", "veth", "peer", "name", right.Name, "netns", right.Namespace.Path);
        left.Raise();
        right.Raise();
        left.WaitForCarrier();
        right.WaitForCarrier();
        return new VethPair(left, right);
    }
}

/// <summary>One end of a cable: a device in a namespace, with its addresses as `10.0.0.1/24`.</summary>
public sealed record VethEnd(NetNamespace Namespace, string Name, params IReadOnlyList<string> Addresses)
{
    internal void Raise()
    {
        foreach (var address in Addresses)
        {
            // Without nodad an IPv6 address is tentative for a second.
            string[] noDuplicateDetection = address.Contains(':', StringComparison.Ordinal) ? ["nodad"] : [];
            Namespace.Exec(["ip", "address", "add", address, "dev", Name, .. noDuplicateDetection]);
        }

        Namespace.Exec("ip", "link", "set", Name, "up");
    }

    internal void WaitForCarrier() => Namespace.WaitUntil($"{Name} is up", () =>
    {
        using var links = JsonDocument.Parse(Namespace.Exec("ip", "-json", "link", "show", "dev", Name).Output);
        return links.RootElement[0].GetProperty("operstate").GetString() == "UP";
    });
}
