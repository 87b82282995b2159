using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Xtables;

/// <summary>
/// Asks the kernel about legacy tables, by getsockopt(2) and without a process. Any socket of the family does; CAP_NET_ADMIN is needed. A table
/// that is not there yet is made by the question, so only those are to be asked about that are in use.
/// </summary>
public sealed class XtablesSocket : IDisposable
{
    /// <summary>SOL_IP and SOL_IPV6.</summary>
    private const int LevelV4 = 0;

    private const int LevelV6 = 41;

    /// <summary>IPT_SO_GET_INFO, and IP6T_SO_GET_INFO.</summary>
    private const int GetInfo = 64;

    /// <summary>EBT_SO_GET_INFO.</summary>
    private const int GetFrameInfo = 128;

    private const int NameSize = 32;

    /// <summary>struct ipt_getinfo: name, valid_hooks, hook_entry[5], underflow[5], num_entries, size.</summary>
    private const int InfoSize = 84;

    private const int EntriesOffset = 76;

    /// <summary>struct ebt_replace: name, valid_hooks, nentries, entries_size, and pointers, which are not answered.</summary>
    private const int FrameInfoSize = 120;

    private const int FrameEntriesOffset = 36;

    private readonly Socket _v4;
    private readonly Socket? _v6;

    private XtablesSocket(Socket v4, Socket? v6) => (_v4, _v6) = (v4, v6);

    /// <summary>In the calling thread's network namespace, or in another one.</summary>
    public static XtablesSocket Open(SafeFileHandle? networkNamespace = null) =>
        networkNamespace is null ? Open() : NetworkNamespaceThread.Run(networkNamespace, Open);

    /// <summary>Null if the kernel does not say: it has no such table, or the caller may not ask.</summary>
    public TablePrint? Look(TableId table) => table switch
    {
        TableId.FrameNat => Ask(_v4, LevelV4, GetFrameInfo, "nat", stackalloc byte[FrameInfoSize], FrameEntriesOffset),
        TableId.Raw4 => Ask(_v4, LevelV4, GetInfo, "raw", stackalloc byte[InfoSize], EntriesOffset),
        TableId.Filter4 => Ask(_v4, LevelV4, GetInfo, "filter", stackalloc byte[InfoSize], EntriesOffset),
        TableId.Raw6 => Ask(_v6, LevelV6, GetInfo, "raw", stackalloc byte[InfoSize], EntriesOffset),
        _ => Ask(_v6, LevelV6, GetInfo, "filter", stackalloc byte[InfoSize], EntriesOffset),
    };

    public void Dispose()
    {
        _v4.Dispose();
        _v6?.Dispose();
    }

    private static XtablesSocket Open()
    {
        var v4 = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            return new XtablesSocket(v4, new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp));
        }
        catch (SocketException)
        {
            // IPv6 was switched off when the host booted.
            return new XtablesSocket(v4, null);
        }
    }

    private static TablePrint? Ask(Socket? socket, int level, int option, string name, Span<byte> info, int entries)
    {
        info.Clear();
        Encoding.ASCII.GetBytes(name, info);
        try
        {
            if (socket is null || socket.GetRawSocketOption(level, option, info) != info.Length)
            {
                return null;
            }
        }
        catch (SocketException)
        {
            return null;
        }

        var offsets = default(HashCode);
        offsets.AddBytes(entries == EntriesOffset ? info[(NameSize + sizeof(uint))..EntriesOffset] : []);
        return new TablePrint(
            MemoryMarshal.Read<uint>(info[NameSize..]),
            MemoryMarshal.Read<uint>(info[entries..]),
            MemoryMarshal.Read<uint>(info[(entries + sizeof(uint))..]),
            offsets.ToHashCode());
    }
}
