using System.Globalization;
using Cloudbr.Agent.Linux.Netlink.Generic;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// What NICs say of their cables, through ethtool's netlink family. Used by one thread at a time; it stays in the network namespace
/// that it was opened in. Changes nothing.
/// </summary>
public sealed class EthtoolSocket : IDisposable, IAnswers
{
    private const int ReceiveBuffer = 64 * 1024;
    private const int RequestRoom = 128;

    private readonly Conversation _conversation;
    private ushort _family;
    private byte[] _answer = [];
    private KernelVerdict _verdict;

    internal EthtoolSocket(IDatagramSocket socket) => _conversation = new Conversation(socket);

    /// <summary>In the calling thread's network namespace. Refused as not found by a kernel without the family.</summary>
    public static EthtoolSocket Open()
    {
        var socket = new EthtoolSocket(NetlinkSocket.Open(NetlinkProtocol.Generic, ReceiveBuffer));
        try
        {
            socket.Resolve();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static EthtoolSocket Open(SafeFileHandle networkNamespace) => NetworkNamespaceThread.Run(networkNamespace, Open);

    /// <summary>Null if there is no such device. A device that has no cable, as a bridge, knows nothing but whether it carries.</summary>
    public EthernetState? Read(int link)
    {
        var state = new EthernetState(null, null, null, null);
        if (!TryAsk(EthtoolAttributes.LinkStateGet, link))
        {
            return null;
        }

        state = _answer.Length > 0 ? EthtoolAttributes.ReadState(_answer, state) : state;
        if (!TryAsk(EthtoolAttributes.LinkModesGet, link))
        {
            return null;
        }

        return _answer.Length > 0 ? EthtoolAttributes.ReadModes(_answer, state) : state;
    }

    public void Dispose() => _conversation.Dispose();

    void IAnswers.OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload) => _answer = payload.ToArray();

    void IAnswers.OnVerdict(int request, in KernelVerdict verdict) => _verdict = verdict;

    internal void Resolve()
    {
        var sequence = _conversation.Reserve(1);
        var writer = new MessageWriter(stackalloc byte[RequestRoom], FamilyResolution.Controller, MessageFlags.Request, sequence);
        FamilyResolution.Write(ref writer, "ethtool");
        Exchange(ref writer, sequence, "getfamily", "ethtool");
        if (_verdict.AsRefusal("getfamily", "ethtool") is { } refusal)
        {
            throw new NetlinkException(refusal);
        }

        _family = FamilyResolution.Read(_answer);
    }

    /// <summary>False if there is no such device; the answer is empty if the device does not know.</summary>
    private bool TryAsk(byte command, int link)
    {
        var sequence = _conversation.Reserve(1);
        var writer = new MessageWriter(stackalloc byte[RequestRoom], _family, MessageFlags.Request, sequence);
        EthtoolAttributes.Write(ref writer, command, link);
        var subject = string.Create(CultureInfo.InvariantCulture, $"link {link}");
        Exchange(ref writer, sequence, "ethtool", subject);
        return _verdict.AsRefusal("ethtool", subject) switch
        {
            null or { IsNotSupported: true } => true,
            { IsNotFound: true } => false,
            var refusal => throw new NetlinkException(refusal),
        };
    }

    private void Exchange(ref MessageWriter writer, uint sequence, string operation, string subject)
    {
        _answer = [];
        _verdict = KernelVerdict.Success;
        _conversation.Exchange(writer.Finish(), sequence, 1, operation, subject, this);
    }
}
