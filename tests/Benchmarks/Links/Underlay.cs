using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Benchmarks.Links;

/// <summary>A namespace with an underlay link that leads to another one.</summary>
internal sealed class Underlay : IDisposable
{
    private readonly NetNamespace _peer = NetNamespace.Create();

    public Underlay()
    {
        Host.Exec("ip", "link", "add", "name", "eth0", "mtu", "1600", "type", "veth", "peer", "name", "eth0", "mtu", "1600", "netns", _peer.Path);
        Host.Exec("ip", "address", "add", "192.0.2.1/24", "dev", "eth0");
        Host.Exec("ip", "link", "set", "eth0", "up");
        _peer.Exec("ip", "link", "set", "eth0", "up");
    }

    public NetNamespace Host { get; } = NetNamespace.Create();

    public void Dispose()
    {
        Host.Dispose();
        _peer.Dispose();
    }
}
