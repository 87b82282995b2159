using System.Security.Cryptography;
using System.Text;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// What chains and sets are called. All begin with CB-, and of those that belong to a port or network a part of a hash of its id follows,
/// for ids are longer than the kernel's 28 bytes.
/// </summary>
public static class ChainNames
{
    public const string Prefix = "CB-";
    public const string Prerouting = "CB-PREROUTING";
    public const string Postrouting = "CB-POSTROUTING";
    public const string Forward = "CB-FORWARD";
    public const string Input = "CB-INPUT";
    public const string Host = "CB-HOST";
    public const string GateIn = "CB-GATE-IN";
    public const string GateOut = "CB-GATE-OUT";

    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";

    public static string OfNetwork(string id) => $"CB-n-{Key(id, 8)}";

    /// <summary>Leads to what a network's ports may send.</summary>
    public static string FromPorts(string id) => $"CB-e-{Key(id, 8)}";

    public static string Of(char what, string nicId) => OfKey(what, KeyOf(nicId));

    /// <summary>What the chains of a port have in common.</summary>
    public static string KeyOf(string nicId) => Key(nicId, 10);

    public static string OfKey(char what, string key) => $"CB-{what}-{key}";

    public static string GroupSet(Family family, string name) => $"CB-{(family == Family.V4 ? 4 : 6)}-{Key(name, 10)}";

    public static string ListSet(Family family, string content) => $"CB-{(family == Family.V4 ? 4 : 6)}l-{Key(content, 16)}";

    private static string Key(string id, int length)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        Span<char> key = stackalloc char[length];
        for (var i = 0; i < length; i++)
        {
            key[i] = Digits[hash[i] & 31];
        }

        return new string(key);
    }
}
