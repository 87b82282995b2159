namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>Where datagrams go to and come from: the kernel, or a test's list of them.</summary>
internal interface IDatagramSocket : IDisposable
{
    /// <summary>How many bytes of messages the kernel holds for us before it drops some.</summary>
    int ReceiveCapacity { get; }

    /// <summary>0, or the error number. The kernel has handled the requests when it returns.</summary>
    int Send(ReadOnlySpan<byte> datagram);

    /// <summary>The datagram's length, which is more than the buffer's if it was cut; or the error number, negated.</summary>
    int Receive(Span<byte> buffer, bool wait);
}
