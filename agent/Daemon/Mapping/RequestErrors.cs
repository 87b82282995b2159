using System.Diagnostics.CodeAnalysis;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>
/// All that is wrong with a request. What cannot be read leaves a placeholder in the model, so that the rules still look at the rest;
/// such a model never leaves the mapping, for a request with anything wrong is refused.
/// </summary>
internal sealed class RequestErrors
{
    private readonly Dictionary<string, IPAddress> _peers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IpPrefix> _prefixes = new(StringComparer.Ordinal);

    /// <summary>What no version of the agent would take.</summary>
    public Violations Wrong { get; } = new();

    /// <summary>
    /// What the contract has and this version does not do, with the value where that is not all of the field. Doing the rest and calling
    /// it success would be a lie.
    /// </summary>
    public Violations NotYet { get; } = new();

    /// <summary>
    /// The address in a text, without a word where it is none. A peer is named by many networks: each text is read once.
    /// </summary>
    public bool TryReadPeer(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (_peers.TryGetValue(text, out address))
        {
            return true;
        }

        if (!IpText.TryParse(text, out address))
        {
            return false;
        }

        _peers.Add(text, address);
        return true;
    }

    /// <summary>
    /// The address or prefix in a text, or null with the reason added. Many rules name the same few: each text of theirs is read once.
    /// </summary>
    public IpPrefix? SharedPrefix(string text, FieldPath path, string field, int index)
    {
        if (!_prefixes.TryGetValue(text, out var prefix) && (prefix = Prefix(text, path, field, index)) is not null)
        {
            _prefixes.Add(text, prefix);
        }

        return prefix;
    }

    /// <summary>The address or prefix in a text, or null with the reason added.</summary>
    public IpPrefix? Prefix(string text, FieldPath path, string field, int index)
    {
        if (IpPrefix.TryParse(text, out var prefix))
        {
            return prefix;
        }

        Wrong.Add(
            $"{path}.{field}[{index}]",
            text.Length == 0 ? "is required" : $"'{Short(text)}' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28");
        return null;
    }

    /// <summary>The address in a text that must be one, or null with the reason added.</summary>
    public IPAddress? RequiredAddress(string text, FieldPath path, string field)
    {
        if (IpText.TryParse(text, out var address))
        {
            return address;
        }

        Wrong.Add($"{path}.{field}", text.Length == 0 ? "is required" : $"'{Short(text)}' is no IPv4 or IPv6 address");
        return null;
    }

    /// <summary>The same, where empty means that none was chosen.</summary>
    public IPAddress? Address(string text, FieldPath path, string field) => text.Length == 0 ? null : RequiredAddress(text, path, field);

    /// <summary>The MAC in a text that must be one, or null with the reason added.</summary>
    public MacAddress? RequiredMac(string text, FieldPath path, string field)
    {
        if (MacAddress.TryParse(text, out var mac))
        {
            return mac;
        }

        Wrong.Add($"{path}.{field}", text.Length == 0 ? "is required" : $"'{Short(text)}' is no MAC address; write it as 02:00:5e:10:00:01");
        return null;
    }

    public MacAddress? Mac(string text, FieldPath path, string field) => text.Length == 0 ? null : RequiredMac(text, path, field);

    /// <summary>A value of an enum that is of a newer contract, or none at all.</summary>
    public T UnknownValue<T>(int value, string name, FieldPath path, T placeholder)
    {
        Wrong.Add(path.ToString(), value == 0 ? "is required" : $"{value} is no {name} that this agent knows");
        return placeholder;
    }

    /// <summary>As it stands in a message: enough to know it again.</summary>
    private static string Short(string text) => text.Length <= 64 ? text : $"{text[..64]}…";
}
