namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>What a NIC says of its cable; null is what it does not know or this kernel cannot ask it.</summary>
public sealed record EthernetState(bool? LinkDetected, uint? SpeedMbps, bool? FullDuplex, bool? Autonegotiation);
