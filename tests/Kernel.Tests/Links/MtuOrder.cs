using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>
/// Records what the kernel reports of MTUs, in its order. At each moment a device has to be as wide as what sends into it, or
/// frames that were on their way would be lost.
/// </summary>
internal sealed class MtuOrder : IDisposable
{
    private readonly RouteMonitor _monitor;
    private readonly Dictionary<string, int> _mtus = new(StringComparer.Ordinal);

    public MtuOrder(NetNamespace host, params IEnumerable<string> devices)
    {
        _monitor = RouteMonitor.Open(host.Handle);
        foreach (var device in devices)
        {
            _mtus[device] = Shown.Mtu(host, device);
        }
    }

    /// <summary>Each change of MTU since the last time, with the MTUs of all devices after it.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, int>> Drain()
    {
        var events = new List<RouteEvent>();
        Assert.That(_monitor.Drain(events), "the kernel dropped reports");
        var moments = new List<IReadOnlyDictionary<string, int>>();
        foreach (var link in events.OfType<LinkChanged>().Select(e => e.Link))
        {
            if (_mtus.TryGetValue(link.Name, out var known) && known != link.Mtu)
            {
                _mtus[link.Name] = link.Mtu;
                moments.Add(new Dictionary<string, int>(_mtus, StringComparer.Ordinal));
            }
        }

        return moments;
    }

    public void Dispose() => _monitor.Dispose();
}
