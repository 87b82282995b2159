using System.Globalization;
using System.Security.Cryptography;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// A virtual machine as the host's network sees one: a namespace of its own behind a device of the host. Inside, the NIC
/// is `eth0`.
/// </summary>
public sealed class Guest : IDisposable
{
    private const string Nic = "eth0";
    private const int EchoHeader = 8;
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(30);

    private readonly NetNamespace _host;

    internal Guest(NetNamespace host, string device, IReadOnlyList<string> addresses, string? bridge, int mtu, string? mac)
    {
        _host = host;
        Device = device;
        Addresses = [.. addresses.Select(address => address.Split('/')[0])];
        Mac = mac ?? RandomMac();
        Namespace = NetNamespace.Create();
        try
        {
            // On the host a high address, as libvirt gives one, so that the bridge does not take it for its own; but never
            // the guest's, or the bridge would keep the guest's frames.
            var high = Mac.StartsWith("fe", StringComparison.OrdinalIgnoreCase) ? "fa" : "fe";
            VethPair.Connect(
                new(host, device) { Mac = high + Mac[2..], Bridge = bridge }, new(Namespace, Nic, addresses) { Mac = Mac }, mtu);
        }
        catch
        {
            Namespace.Dispose();
            throw;
        }
    }

    public NetNamespace Namespace { get; }

    /// <summary>The host's end of its NIC, as `vnet0`.</summary>
    public string Device { get; }

    /// <summary>What the NIC sends as, from inside.</summary>
    public string Mac { get; }

    /// <summary>Without prefix lengths.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>Puts its device into a bridge of the host, as libvirt does.</summary>
    public void AttachTo(string bridge) => _host.Exec("ip", "link", "set", Device, "master", bridge);

    /// <summary>Takes its device out of whatever bridge it is in.</summary>
    public void Detach() => _host.Exec("ip", "link", "set", Device, "nomaster");

    /// <summary>
    /// Sends echo requests. A size is that of the whole IP packet, as an MTU counts; with don't-fragment one that does
    /// not fit is lost (or not even sent) instead of cut.
    /// </summary>
    public Ping Ping(string address, int count = 3, int? packetBytes = null, bool dontFragment = false)
    {
        var options = new List<string>();
        if (packetBytes is { } size)
        {
            var ipHeader = address.Contains(':', StringComparison.Ordinal) ? 40 : 20;
            options.AddRange("-s", (size - ipHeader - EchoHeader).ToString(CultureInfo.InvariantCulture));
        }

        if (dontFragment)
        {
            options.AddRange("-M", "do");
        }

        return Scenes.Ping.From(Namespace, address, count, options);
    }

    /// <summary>Waits until this address answers.</summary>
    public void WaitUntilReaches(string address, TimeSpan? limit = null) =>
        Scenes.Ping.UntilAnswered(Namespace, address, limit ?? ReachLimit);

    /// <summary>Has iperf3 send to another guest's first address; options as `-n 10M`, `-u`.</summary>
    public Task<Iperf3> SendToAsync(Guest receiver, params IReadOnlyList<string> options) =>
        Iperf3.RunAsync(Namespace, receiver.Namespace, receiver.Addresses[0], options);

    /// <summary>Powers it off: its device leaves the host.</summary>
    public void Dispose() => Namespace.Dispose();

    private static string RandomMac() =>
        $"02:{string.Join(':', RandomNumberGenerator.GetBytes(5).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))}";
}
