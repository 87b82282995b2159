using System.Net;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>A connection that the kernel tracks, as it began.</summary>
/// <param name="Zone">Keeps networks with the same addresses apart.</param>
/// <param name="Protocol">The IP protocol's number.</param>
/// <param name="Source">Who began it.</param>
/// <param name="Destination">With whom.</param>
/// <param name="DestinationPort">0 for a protocol without ports.</param>
/// <param name="IcmpType">Of its first message; 0 for other protocols.</param>
/// <param name="IcmpCode">Of its first message.</param>
public sealed record Connection(ushort Zone, byte Protocol, IPAddress Source, IPAddress Destination, ushort DestinationPort, byte IcmpType, byte IcmpCode);
