using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>Something that happened in the kernel's network configuration, whoever did it.</summary>
public abstract record RouteEvent;

/// <summary>A device came or changed; <paramref name="Link"/> is all of it.</summary>
public sealed record LinkChanged(Link Link) : RouteEvent;

/// <summary>A device is gone, or went to another namespace.</summary>
public sealed record LinkRemoved(int Index, string Name) : RouteEvent;

/// <summary>An address came, or something about it changed.</summary>
public sealed record AddressAdded(int Link, InterfaceAddress Address) : RouteEvent;

public sealed record AddressRemoved(int Link, InterfaceAddress Address) : RouteEvent;

/// <summary>A route came or took another's place.</summary>
public sealed record RouteAdded(Route Route) : RouteEvent;

/// <summary>A route is gone. The kernel does not tell this of routes that go with their device or its addresses: IPv4's, mostly.</summary>
public sealed record RouteRemoved(Route Route) : RouteEvent;

/// <summary>An entry of a forwarding table came, or something about it changed.</summary>
public sealed record ForwardingAdded(ForwardingEntry Entry) : RouteEvent;

public sealed record ForwardingRemoved(ForwardingEntry Entry) : RouteEvent;

/// <summary>Something about a device's queueing disciplines or filters is different: which, has to be read.</summary>
public sealed record TrafficControlChanged(int Link) : RouteEvent;
