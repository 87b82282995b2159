using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>One of <see cref="TwoHosts"/>: a namespace in which the code under test works, and the guests plugged into it.</summary>
public sealed class Host : IDisposable
{
    private readonly List<Guest> _guests = [];

    internal Host(string name, string uplink, string ipv4, string ipv6)
    {
        Name = name;
        Uplink = uplink;
        Ipv4 = ipv4;
        Ipv6 = ipv6;
    }

    public string Name { get; }

    public NetNamespace Namespace { get; } = NetNamespace.Create();

    /// <summary>The device that leads to the other host and has the addresses.</summary>
    public string Uplink { get; }

    public string Ipv4 { get; }

    public string Ipv6 { get; }

    internal IReadOnlyList<string> UplinkAddresses => [$"{Ipv4}/24", $"{Ipv6}/64"];

    /// <summary>
    /// Starts a guest, whose NIC is the next free `vnetN` on this host, in this bridge if one is given. Addresses are as
    /// `10.0.0.1/24`.
    /// </summary>
    public Guest AddGuest(IReadOnlyList<string> addresses, string? bridge = null, int mtu = 1500, string? mac = null)
    {
        var guest = new Guest(Namespace, $"vnet{_guests.Count}", addresses, bridge, mtu, mac);
        _guests.Add(guest);
        return guest;
    }

    public override string ToString() => Name;

    public void Dispose()
    {
        _guests.ForEach(guest => guest.Dispose());
        Namespace.Dispose();
    }
}
