namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// Two hosts joined by an underlay, each with an address of both families on its uplink. What a tunnel carries between
/// their guests is what the code under test made.
/// </summary>
public sealed class TwoHosts : IDisposable
{
    private TwoHosts(Host first, Host second)
    {
        First = first;
        Second = second;
    }

    /// <summary>192.0.2.1 and 2001:db8::1.</summary>
    public Host First { get; }

    /// <summary>192.0.2.2 and 2001:db8::2.</summary>
    public Host Second { get; }

    /// <summary>Both, for what is done on each.</summary>
    public IReadOnlyList<Host> Both => [First, Second];

    /// <summary>Lays a cable of this MTU between `eth0` and `eth0`.</summary>
    public static TwoHosts Create(int mtu = Underlay.DefaultMtu) => Create(Underlay.Cable(mtu));

    public static TwoHosts Create(Underlay underlay)
    {
        var hosts = new TwoHosts(
            new Host("first", underlay.Uplink, "192.0.2.1", "2001:db8::1"),
            new Host("second", underlay.Uplink, "192.0.2.2", "2001:db8::2"));
        try
        {
            underlay.Lay(hosts.First, hosts.Second);
            return hosts;
        }
        catch
        {
            hosts.Dispose();
            throw;
        }
    }

    /// <summary>The other one.</summary>
    public Host PeerOf(Host host) => host == First ? Second : First;

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
