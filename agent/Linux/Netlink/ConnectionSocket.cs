using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>The kernel's tracked connections: looks through them, and has it forget some. Used by one thread at a time.</summary>
public sealed class ConnectionSocket : IDisposable, IAnswers
{
    private const int ReceiveBuffer = 1024 * 1024;
    private const int RequestRoom = 512;

    private readonly Conversation _conversation;
    private KernelVerdict _verdict;

    internal ConnectionSocket(IDatagramSocket socket) => _conversation = new Conversation(socket);

    /// <summary>In the calling thread's network namespace, or in another one.</summary>
    public static ConnectionSocket Open(SafeFileHandle? networkNamespace = null) =>
        networkNamespace is null ? Open() : NetworkNamespaceThread.Run(networkNamespace, Open);

    /// <summary>
    /// Has the kernel forget the connections of a family that are so, and returns how many there were. One that ended meanwhile is
    /// forgotten already.
    /// </summary>
    public int Forget(Family family, Func<Connection, bool> isSo)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], ConnectionAttributes.Get, MessageFlags.Request | MessageFlags.Dump);
        request.Struct(ConnectionAttributes.Header(family));
        var found = _conversation.Dump<byte[]>(
            request.Finish(),
            "dump",
            "connections",
            (in MessageHeader header, ReadOnlySpan<byte> payload, List<byte[]> into) =>
            {
                if (ConnectionAttributes.Read(payload) is { } connection && isSo(connection))
                {
                    into.Add(ConnectionAttributes.Identity(payload));
                }
            });
        foreach (var identity in found)
        {
            Forget(family, identity);
        }

        return found.Count;
    }

    void IAnswers.OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload)
    {
    }

    void IAnswers.OnVerdict(int request, in KernelVerdict verdict) => _verdict = verdict;

    public void Dispose() => _conversation.Dispose();

    private static ConnectionSocket Open() => new(NetlinkSocket.Open(NetlinkProtocol.Netfilter, ReceiveBuffer));

    private void Forget(Family family, byte[] identity)
    {
        var request = new MessageWriter(stackalloc byte[RequestRoom], ConnectionAttributes.Delete, MessageFlags.Request | MessageFlags.Ack);
        request.Struct(ConnectionAttributes.Header(family));
        request.Verbatim(identity);
        var message = request.Finish();
        var sequence = _conversation.Reserve(1);
        MessageWriter.SetSequence(message, sequence);
        _conversation.Exchange(message, sequence, 1, "delete", "connection", this);
        if (_verdict.AsRefusal("delete", "connection") is { IsNotFound: false } refusal)
        {
            throw new NetlinkException(refusal);
        }
    }
}
