namespace Cloudbr.Agent.Core.Model;

public enum ObjectKind
{
    Host,
    PhysicalNetwork,
    Network,
    Port,
    ControlNetwork,
    AddressGroup,
    Provider,
    Link,
    Address,
    Route,
    ForwardingEntry,
    Sysctl,

    /// <summary>One of the agent's own: journal, history.</summary>
    File,
}

/// <summary>
/// Points at one thing: by management's <paramref name="Id"/>, by the kernel's <paramref name="Name"/>, or both.
/// <paramref name="Scope"/> says where the name is valid, such as the device of an address.
/// </summary>
public sealed record ObjectRef(ObjectKind Kind, string Id = "", string Name = "", string Scope = "")
{
    public static ObjectRef Host { get; } = new(ObjectKind.Host);

    public static ObjectRef Network(string id) => new(ObjectKind.Network, id);

    public static ObjectRef PhysicalNetwork(string label) => new(ObjectKind.PhysicalNetwork, label);

    public static ObjectRef Port(string nicId) => new(ObjectKind.Port, nicId);

    public static ObjectRef Link(string name, string id = "") => new(ObjectKind.Link, id, name);

    public static ObjectRef File(string path) => new(ObjectKind.File, Name: path);

    public override string ToString() =>
        (Id.Length, Name.Length) switch
        {
            (0, 0) => Words,
            (0, _) => $"{Words} {Name}{On}",
            (_, 0) => $"{Words} {Id}{On}",
            _ => $"{Words} {Name}{On} of {Id}",
        };

    private string On => Scope.Length == 0 ? "" : $" on {Scope}";

    private string Words => Kind switch
    {
        ObjectKind.PhysicalNetwork => "physical network",
        ObjectKind.ControlNetwork => "control network",
        ObjectKind.AddressGroup => "address group",
        ObjectKind.ForwardingEntry => "forwarding entry",
        ObjectKind.Sysctl => "setting",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
