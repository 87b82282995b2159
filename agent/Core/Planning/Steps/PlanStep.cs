using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning.Steps;

public enum StepAction
{
    Create,
    Update,
    Delete,

    /// <summary>It was there as the agent would have made it, and is the agent's from now on.</summary>
    Adopt,

    /// <summary>It goes and comes again, because an attribute cannot change in place.</summary>
    Recreate,

    /// <summary>The agent lets go of it and leaves it as it is.</summary>
    Disown,
}

/// <summary>One attribute before and after, in text as the kernel's tools print it.</summary>
public sealed record AttributeChange(string Name, string? Before, string? After);

/// <summary>
/// One write to the kernel, and what takes it back. Both are known before the first step is applied. Devices are meant by name.
/// </summary>
public abstract record PlanStep(ObjectRef Subject, StepAction Action)
{
    public ValueList<AttributeChange> Attributes { get; init; }

    /// <summary>Traffic of ports in use notices it.</summary>
    public bool Disruptive { get; init; }

    /// <summary>What restores the state before this step, in order.</summary>
    public abstract IReadOnlyList<PlanStep> Inverse { get; }
}

/// <summary>Makes a device with all that its spec says, switched on last.</summary>
public sealed record CreateLink(ObjectRef Subject, LinkSpec Spec) : PlanStep(Subject, StepAction.Create)
{
    public override IReadOnlyList<PlanStep> Inverse => [new DeleteLink(Subject, Spec, [])];
}

/// <param name="Subject">What it is about.</param>
/// <param name="Spec">The device as it was, for the way back.</param>
/// <param name="Lost">What the kernel takes away with it, as the steps that bring it back.</param>
public sealed record DeleteLink(ObjectRef Subject, LinkSpec Spec, ValueList<PlanStep> Lost) : PlanStep(Subject, StepAction.Delete)
{
    public override IReadOnlyList<PlanStep> Inverse => [new CreateLink(Subject, Spec), .. Lost];
}

/// <summary>Writes attributes of one device in place.</summary>
/// <remarks>What is switched off for IPv6 loses its IPv6 addresses and routes: <see cref="Lost"/> brings them back.</remarks>
public sealed record ChangeLink(ObjectRef Subject, StepAction Action, string Link, string Kind, LinkChange Change, LinkChange Before)
    : PlanStep(Subject, Action)
{
    /// <summary>What the kernel takes away by itself, as the steps that bring it back.</summary>
    public ValueList<PlanStep> Lost { get; init; }

    public override IReadOnlyList<PlanStep> Inverse =>
        [new ChangeLink(Subject, StepAction.Update, Link, Kind, Before, Change with { PinMtu = false }) { Attributes = Attributes.Reversed() }, .. Lost];
}

public sealed record AddAltName(ObjectRef Subject, string Link, string AltName) : PlanStep(Subject, StepAction.Update)
{
    public override IReadOnlyList<PlanStep> Inverse => [new RemoveAltName(Subject, Link, AltName)];
}

public sealed record RemoveAltName(ObjectRef Subject, string Link, string AltName) : PlanStep(Subject, StepAction.Update)
{
    public override IReadOnlyList<PlanStep> Inverse => [new AddAltName(Subject, Link, AltName)];
}

public sealed record AddAddress(ObjectRef Subject, string Link, InterfaceAddress Address) : PlanStep(Subject, StepAction.Create)
{
    public override IReadOnlyList<PlanStep> Inverse => [new RemoveAddress(Subject, Link, Address)];
}

public sealed record RemoveAddress(ObjectRef Subject, string Link, InterfaceAddress Address) : PlanStep(Subject, StepAction.Delete)
{
    public override IReadOnlyList<PlanStep> Inverse => [new AddAddress(Subject, Link, Address)];
}

/// <summary>Makes a route through a device, whatever device the route itself names.</summary>
public sealed record AddRoute(ObjectRef Subject, string Link, Route Route) : PlanStep(Subject, StepAction.Create)
{
    public override IReadOnlyList<PlanStep> Inverse => [new RemoveRoute(Subject, Link, Route)];
}

public sealed record RemoveRoute(ObjectRef Subject, string Link, Route Route) : PlanStep(Subject, StepAction.Delete)
{
    public override IReadOnlyList<PlanStep> Inverse => [new AddRoute(Subject, Link, Route)];
}

/// <summary>Leads a route through another device, at once, so that at no moment there is none.</summary>
public sealed record MoveRoute(ObjectRef Subject, string From, string To, Route Route) : PlanStep(Subject, StepAction.Update)
{
    public override IReadOnlyList<PlanStep> Inverse => [new MoveRoute(Subject, To, From, Route) { Attributes = Attributes.Reversed() }];
}

public sealed record AddForwarding(ObjectRef Subject, string Link, MacAddress Mac, System.Net.IPAddress Peer)
    : PlanStep(Subject, StepAction.Create)
{
    public override IReadOnlyList<PlanStep> Inverse => [new RemoveForwarding(Subject, Link, Mac, Peer)];
}

public sealed record RemoveForwarding(ObjectRef Subject, string Link, MacAddress Mac, System.Net.IPAddress Peer)
    : PlanStep(Subject, StepAction.Delete)
{
    public override IReadOnlyList<PlanStep> Inverse => [new AddForwarding(Subject, Link, Mac, Peer)];
}

/// <summary>Holds what leaves a device to a rate; null: to none.</summary>
public sealed record SetEgress(ObjectRef Subject, string Link, TokenBucket? Bucket, TokenBucket? Before) : PlanStep(Subject, StepAction.Update)
{
    public override IReadOnlyList<PlanStep> Inverse => [new SetEgress(Subject, Link, Before, Bucket) { Attributes = Attributes.Reversed() }];
}

/// <summary>Holds what comes in at a device to a rate; null: to none.</summary>
public sealed record SetIngress(ObjectRef Subject, string Link, IngressLimit? Limit, IngressLimit? Before) : PlanStep(Subject, StepAction.Update)
{
    public override IReadOnlyList<PlanStep> Inverse => [new SetIngress(Subject, Link, Before, Limit) { Attributes = Attributes.Reversed() }];
}

public sealed record SetSetting(ObjectRef Subject, string Name, string Value, string Before) : PlanStep(Subject, StepAction.Update)
{
    public override IReadOnlyList<PlanStep> Inverse =>
        [new SetSetting(Subject, Name, Before, Value) { Attributes = Attributes.Reversed() }];
}

/// <summary>Attributes seen from the other side.</summary>
internal static class AttributeChanges
{
    public static ValueList<AttributeChange> Reversed(this ValueList<AttributeChange> changes) =>
        changes.Select(c => new AttributeChange(c.Name, c.After, c.Before)).ToValueList();
}

/// <summary>
/// Makes the packet filter as it is to be. The steps of one plan share the whole of it, and are programmed together: each says what it
/// means for one port, one network or the host.
/// </summary>
public sealed record ChangeFilter(ObjectRef Subject, StepAction Action, Ruleset Before, Ruleset After) : PlanStep(Subject, Action)
{
    public override IReadOnlyList<PlanStep> Inverse => [new ChangeFilter(Subject, Opposite, After, Before) { Attributes = Attributes.Reversed() }];

    private StepAction Opposite => Action switch
    {
        StepAction.Create => StepAction.Delete,
        StepAction.Delete => StepAction.Create,
        _ => StepAction.Update,
    };
}
