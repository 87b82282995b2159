namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>A cable between two namespaces.</summary>
public sealed record VethPair(VethEnd Left, VethEnd Right)
{
    /// <summary>Lays the cable, gives both ends their addresses, and returns when both carry.</summary>
    public static VethPair Connect(VethEnd left, VethEnd right, int mtu = 1500)
    {
        left.Namespace.Ip([
            $"link add name {left.Name} mtu {mtu}{left.OwnMac} type veth "
                + $"peer name {right.Name} mtu {mtu}{right.OwnMac} netns {right.Namespace.Path}",
            .. left.Raising]);
        right.Namespace.Ip([.. right.Raising]);
        left.WaitForCarrier();
        right.WaitForCarrier();
        return new VethPair(left, right);
    }
}

/// <summary>One end of a cable: a device in a namespace, with its addresses as `10.0.0.1/24`.</summary>
public sealed record VethEnd(NetNamespace Namespace, string Name, params IReadOnlyList<string> Addresses)
{
    /// <summary>The kernel's choice unless given.</summary>
    public string? Mac { get; init; }

    /// <summary>The bridge to be put into, if any.</summary>
    public string? Bridge { get; init; }

    internal string OwnMac => Mac is null ? "" : $" address {Mac}";

    internal IEnumerable<string> Raising =>
    [
        .. Addresses.Select(address => Assigning(address, Name)),
        .. Bridge is null ? Array.Empty<string>() : [$"link set {Name} master {Bridge}"],
        $"link set {Name} up",
    ];

    /// <summary>The command of `ip` that gives a device an address. Without nodad one of IPv6 is tentative for a second.</summary>
    public static string Assigning(string address, string device) =>
        $"address add {address} dev {device}{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}";

    internal void WaitForCarrier() => Namespace.WaitUntil($"{Name} is up", () => Namespace.IsUp(Name));
}
