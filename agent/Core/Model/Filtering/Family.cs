using System.Net;
using System.Net.Sockets;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>The two families that rules are written for, each with its own tool.</summary>
public enum Family
{
    V4,
    V6,
}

public static class FamilyExtensions
{
    public static bool Has(this Family family, IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork) == (family == Family.V4);

    public static IEnumerable<IpPrefix> Of(this Family family, IEnumerable<IpPrefix> prefixes) => prefixes.Where(p => family.Has(p.Address));
}
