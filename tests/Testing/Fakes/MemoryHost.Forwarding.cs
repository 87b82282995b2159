using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Testing.Fakes;

public sealed partial class MemoryHost
{
    /// <summary>An entry that somebody else set.</summary>
    public void PutForeign(string link, MacAddress mac, System.Net.IPAddress peer) =>
        Attempt(() => Add(new ForwardingEntry(Named(link), mac, peer) { Permanent = true }));

    private void Add(ForwardingEntry entry)
    {
        var device = _devices[entry.Link];
        if (device.Link.Vxlan is null)
        {
            throw new KernelRefusedException("EOPNOTSUPP", $"{device.Link.Name} is no VXLAN device");
        }

        // Entries that flood accumulate; a single MAC is in one place.
        if (device.Forwarding.Any(e => e.Mac == entry.Mac && (Equals(e.Peer, entry.Peer) || !(e.Mac.IsZero || e.Mac.IsGroup))))
        {
            throw new KernelRefusedException("EEXIST", $"{device.Link.Name} has an entry for {entry.Mac} already");
        }

        Set(device with { Forwarding = device.Forwarding.Add(entry) });
    }

    private void Remove(ForwardingEntry entry)
    {
        var device = _devices[entry.Link];
        Set(device.Forwarding.Find(e => e.Mac == entry.Mac && Equals(e.Peer, entry.Peer)) is { } known
            ? device with { Forwarding = device.Forwarding.Remove(known) }
            : throw new KernelRefusedException("ENOENT", $"{device.Link.Name} has no entry for {entry.Mac} at {entry.Peer}"));
    }
}
