using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>Who wants to know what the kernel said to each request of a datagram, by the request's number in it.</summary>
internal interface IAnswers
{
    /// <summary>It sent what was asked for.</summary>
    void OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload);

    /// <summary>It accepted or refused.</summary>
    void OnVerdict(int request, in KernelVerdict verdict);
}
