namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>
/// Whose a device is, as its ifalias says: <c>cloudbr:network:42</c>. The mark outlives the agent, so that the next run knows
/// its own devices, and no other program's device ever carries it.
/// </summary>
public sealed record Ownership(string Kind, string Id)
{
    /// <summary>The bridge and the device of a Network.</summary>
    public const string Network = "network";

    /// <summary>A PhysicalNetwork's bridge that the agent made.</summary>
    public const string Physical = "physical";

    /// <summary>A PhysicalNetwork's bridge that was there before the agent: it is left standing when the agent lets go of it.</summary>
    public const string AdoptedPhysical = "physical-adopted";

    /// <summary>The device that what a guest sends goes through, where the kernel cannot hold it to a rate where it comes in.</summary>
    public const string Port = "port";

    /// <summary>The control network's bridge.</summary>
    public const string Control = "control";

    private const string Prefix = "cloudbr:";

    public string Alias => $"{Prefix}{Kind}:{Id}";

    /// <summary>Whether it is the mark of a port's device; without reading all of it, for marks are thousands.</summary>
    public static bool IsPorts(string alias) => alias.StartsWith($"{Prefix}{Port}:", StringComparison.Ordinal);

    /// <summary>The mark in an alias; null if it is not the agent's.</summary>
    public static Ownership? Read(string alias)
    {
        if (!alias.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = alias.AsSpan(Prefix.Length);
        var colon = rest.IndexOf(':');
        return colon <= 0 ? null : new Ownership(rest[..colon].ToString(), rest[(colon + 1)..].ToString());
    }
}
