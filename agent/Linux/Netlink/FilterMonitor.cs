using System.Runtime.InteropServices;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// The kernel's news of who changed nf_tables. Only that somebody did, and which process: what was changed is for the tools to read. A
/// change of legacy xtables is not told to anybody.
/// </summary>
public sealed class FilterMonitor : IDisposable
{
    /// <summary>NFNLGRP_NFTABLES.</summary>
    private const int Group = 7;

    /// <summary>NFT_MSG_NEWGEN, which ends the news of each transaction.</summary>
    private const ushort NewGeneration = (10 << 8) | 15;

    /// <summary>struct nfgenmsg.</summary>
    private const int HeaderSize = 4;

    private const ushort ProcessId = 2;
    private const int ReceiveBuffer = 256 * 1024;

    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = new byte[4096];

    private FilterMonitor(NetlinkSocket socket) => _socket = socket;

    /// <summary>For poll(2); valid while this is open.</summary>
    public SafeHandle Descriptor => _socket.Descriptor;

    /// <summary>In the calling thread's network namespace, or in another one.</summary>
    public static FilterMonitor Open(SafeFileHandle? networkNamespace = null) =>
        networkNamespace is null ? Open() : NetworkNamespaceThread.Run(networkNamespace, Open);

    /// <summary>
    /// Calls <paramref name="isExpected"/> with the process of each change that was made since the last time. False if any was not
    /// expected, or may have been missed.
    /// </summary>
    public bool Drain(Func<int, bool> isExpected)
    {
        var isQuiet = true;
        while (true)
        {
            var length = _socket.Receive(_buffer, wait: false);
            switch (length)
            {
                case -Errno.Again:
                    return isQuiet;
                case -Errno.NoBuffers:
                    isQuiet = false;
                    continue;
                case < 0:
                    throw new NetlinkException(new KernelRefusal("receive", "nf_tables events", -length));
            }

            isQuiet &= length <= _buffer.Length && Read(_buffer.AsSpan(0, length), isExpected);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static FilterMonitor Open()
    {
        var socket = NetlinkSocket.Open(NetlinkProtocol.Netfilter, ReceiveBuffer);
        try
        {
            // A thousand rules are a thousand messages, and this one.
            socket.AcceptOnly(NewGeneration);
            socket.Join(Group);
            return new FilterMonitor(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Read(ReadOnlySpan<byte> datagram, Func<int, bool> isExpected)
    {
        foreach (var message in new MessageReader(datagram))
        {
            if (message.Header.Type != NewGeneration || message.Payload.Length < HeaderSize)
            {
                return false;
            }

            var process = 0;
            foreach (var attribute in new AttributeReader(message.Payload[HeaderSize..]))
            {
                process = attribute.Type == ProcessId ? attribute.Int32BigEndian : process;
            }

            if (!isExpected(process))
            {
                return false;
            }
        }

        return true;
    }
}
