using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What the network between the host and its system VMs has to be.</summary>
public static class ControlNetworkRules
{
    public static void Check(ControlNetwork control, FieldPath path, Violations violations)
    {
        violations.CheckDevice(control.Bridge, path, "bridge");
        violations.CheckRange(control.Mtu, RangeRules.LeastMtu, RangeRules.MostMtu, path, "mtu");
        if (Fault(control.Address) is { } fault)
        {
            violations.Add($"{path}.address", $"{control.Address} {fault}");
        }
    }

    private static string? Fault(IpPrefix prefix)
    {
        if (AddressRules.Fault(prefix.Address) is { } fault)
        {
            return fault;
        }

        var most = IpPrefix.MaxLength(prefix.Address);
        if (prefix.Length == 0 || prefix.Length == most)
        {
            return "leaves no network to share with system VMs; give the prefix length of one";
        }

        // In the two shortest every address is a host's (RFC 3021, RFC 6164).
        if (most - prefix.Length < 2)
        {
            return null;
        }

        return HostBits(prefix) switch
        {
            AllBits.Zero => "has no host bits: it is the network and not the host's address in it",
            AllBits.One when prefix.IsIpv4 => "is the network's broadcast address",
            _ => null,
        };
    }

    private enum AllBits
    {
        Mixed,
        Zero,
        One,
    }

    private static AllBits HostBits(IpPrefix prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        prefix.Address.TryWriteBytes(bytes, out var count);
        var (zero, one) = (true, true);
        for (var i = prefix.Length / 8; i < count; i++)
        {
            var mask = i == prefix.Length / 8 ? 0xff >> (prefix.Length % 8) : 0xff;
            zero &= (bytes[i] & mask) == 0;
            one &= (bytes[i] & mask) == mask;
        }

        return zero ? AllBits.Zero : one ? AllBits.One : AllBits.Mixed;
    }
}
