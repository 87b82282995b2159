using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>Who connected to a Unix socket, as the kernel saw it at that moment (SO_PEERCRED).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int LevelSocket = 1;
    private const int PeerCredential = 17;

    /// <summary>Null if this is no Unix socket, or nobody is at its other end.</summary>
    public static PeerCredentials? Of(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
        {
            return null;
        }

        Span<PeerCredentials> credentials = stackalloc PeerCredentials[1];
        var bytes = MemoryMarshal.AsBytes(credentials);
        try
        {
            // For one that was not connected the kernel has no process, 0, and nobody, uint.MaxValue.
            return socket.GetRawSocketOption(LevelSocket, PeerCredential, bytes) == bytes.Length && credentials[0].UserId != uint.MaxValue
                ? credentials[0]
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
