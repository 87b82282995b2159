using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Testing.Fakes;

public sealed partial class MemoryHost
{
    private const uint MainTable = 254;
    private const byte LinkScope = 253;
    private const uint Ipv6ConnectedMetric = 256;
    private const uint Ipv6Metric = 1024;
    private const uint Secondary = 0x01;
    private const uint NoPrefixRoute = 0x200;
    private const uint OnLink = 0x04;

    /// <summary>An address that somebody else set.</summary>
    public void PutForeign(string link, InterfaceAddress address) => Attempt(() => Add(Named(link), address));

    /// <summary>A route that somebody else made.</summary>
    public void PutForeign(string link, Route route) => Attempt(() => Add(route with { Link = Named(link) }));

    private void Add(int index, InterfaceAddress address)
    {
        var device = _devices[index];
        if (device.Addresses.Any(a => a.Prefix == address.Prefix))
        {
            throw new KernelRefusedException("EEXIST", $"{device.Link.Name} has {address.Prefix} already");
        }

        if (!address.Prefix.IsIpv4 && device.Link.Ipv6Off == true)
        {
            throw new KernelRefusedException("EACCES", $"IPv6 is switched off on {device.Link.Name}");
        }

        var isSecondary = address.Prefix.IsIpv4 && device.Addresses.Any(a => Network(a.Prefix) == Network(address.Prefix));
        var added = address with { Flags = (address.Flags & ~Secondary) | (isSecondary ? Secondary : 0) };
        Set(device with { Addresses = device.Addresses.Add(added) });
        if (device.Link.Up)
        {
            Connect(index, added);
        }
    }

    private void Remove(int index, IpPrefix prefix)
    {
        var device = _devices[index];
        var address = device.Addresses.Find(a => a.Prefix == prefix)
            ?? throw new KernelRefusedException("EADDRNOTAVAIL", $"{device.Link.Name} has no {prefix}");
        var gone = address.Prefix.IsIpv4 && (address.Flags & Secondary) == 0
            ? device.Addresses.Where(a => a.Prefix.IsIpv4 && Network(a.Prefix) == Network(prefix)).ToList()
            : [address];
        Set(device with { Addresses = device.Addresses.RemoveRange(gone) });
        foreach (var one in gone)
        {
            if (!_devices[index].Addresses.Any(a => Network(a.Prefix) == Network(one.Prefix)))
            {
                _routes = _routes.Remove(RouteKey.Of(Connected(index, one)));
            }

            // Routes that prefer a source which no device has any more go with it.
            if (!_devices.Values.Any(d => d.Addresses.Any(a => a.Prefix.Address.Equals(one.Prefix.Address))))
            {
                _routes = _routes.RemoveRange(_routes.Where(r => one.Prefix.Address.Equals(r.Value.PreferredSource)).Select(r => r.Key));
            }
        }
    }

    /// <summary>Adds beside others to the same destination through other devices, as NLM_F_APPEND does.</summary>
    private void Add(Route route)
    {
        if (_routes.ContainsKey(RouteKey.Of(route)))
        {
            throw new KernelRefusedException("EEXIST", $"the route to {route.Destination} is here already");
        }

        var device = _devices[route.Link];
        if (!device.Link.Up)
        {
            throw new KernelRefusedException("ENETDOWN", $"{device.Link.Name} is down");
        }

        if (route.Gateway is { } gateway && (route.Flags & OnLink) == 0
            && !_routes.Values.Any(r => r.Link == route.Link && r.Gateway is null && r.Table == MainTable && Contains(r.Destination, gateway)))
        {
            throw new KernelRefusedException("ENETUNREACH", $"Nexthop has invalid gateway: {gateway} is not reachable on {device.Link.Name}");
        }

        if (route.PreferredSource is { } source && !_devices.Values.Any(d => d.Addresses.Any(a => a.Prefix.Address.Equals(source))))
        {
            throw new KernelRefusedException("EINVAL", $"{source} is no address of this host");
        }

        if (route.Metric == 0 && !route.Destination.IsIpv4)
        {
            route = route with { Metric = Ipv6Metric };
        }

        _routes = _routes.Add(RouteKey.Of(route), route);
    }

    private void Remove(Route route) => _routes = _routes.ContainsKey(RouteKey.Of(route))
        ? _routes.Remove(RouteKey.Of(route))
        : throw new KernelRefusedException("ESRCH", $"no route to {route.Destination} through {_devices[route.Link].Link.Name}");

    private void Move(Route route, int to)
    {
        Remove(route);
        Add(route with { Link = to });
    }

    /// <summary>What comes up with an address.</summary>
    private void Connect(int index, InterfaceAddress address)
    {
        if ((address.Flags & (Secondary | NoPrefixRoute)) == 0 && address.Prefix.Length < IpPrefix.MaxLength(address.Prefix.Address))
        {
            var route = Connected(index, address);
            _routes = _routes.SetItem(RouteKey.Of(route), route);
        }
    }

    private static Route Connected(int index, InterfaceAddress address) => new(Network(address.Prefix), index)
    {
        Protocol = RouteProtocol.Kernel,
        Scope = address.Prefix.IsIpv4 ? LinkScope : (byte)0,
        Metric = address.Metric != 0 ? address.Metric : address.Prefix.IsIpv4 ? 0 : Ipv6ConnectedMetric,
        PreferredSource = address.Prefix.IsIpv4 ? address.Prefix.Address : null,
    };

    /// <summary>A device that is switched off loses its routes and its IPv6 addresses.</summary>
    private void Flush(int index)
    {
        _routes = _routes.RemoveRange(_routes.Where(r => r.Value.Link == index || r.Value.Hops.Contains(index)).Select(r => r.Key));
        FlushIpv6(index);
    }

    /// <summary>A device on which IPv6 is switched off loses all of it.</summary>
    private void FlushIpv6(int index)
    {
        _routes = _routes.RemoveRange(_routes.Where(r => r.Value.Link == index && !r.Value.Destination.IsIpv4).Select(r => r.Key));
        foreach (var address in _devices[index].Addresses.Where(a => !a.Prefix.IsIpv4))
        {
            Remove(index, address.Prefix);
        }
    }

    private static IpPrefix Network(IpPrefix prefix)
    {
        var bytes = prefix.Address.GetAddressBytes();
        for (var bit = prefix.Length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IpPrefix(new IPAddress(bytes), prefix.Length);
    }

    private static bool Contains(IpPrefix prefix, IPAddress address) =>
        prefix.Address.AddressFamily == address.AddressFamily && Network(new IpPrefix(address, prefix.Length)).Address.Equals(Network(prefix).Address);

    private sealed class RouteOrder : IComparer<RouteKey>
    {
        public static readonly RouteOrder Instance = new();

        public int Compare(RouteKey x, RouteKey y) => string.CompareOrdinal(x.ToString(), y.ToString());
    }
}
