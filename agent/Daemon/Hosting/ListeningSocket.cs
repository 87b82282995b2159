using System.Net.Sockets;
using Cloudbr.Agent.Daemon.Logging;
using Cloudbr.Agent.Daemon.Options;
using Cloudbr.Agent.Linux.Host;

namespace Cloudbr.Agent.Daemon.Hosting;

/// <summary>The Unix socket's file: free to be bound, and then open to its owner and group only.</summary>
internal static class ListeningSocket
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>
    /// An agent that cannot be reached must not touch the host: whether the path is free is asked before anything else is begun, and what a
    /// dead agent left there is removed only when this one has its state to itself.
    /// </summary>
    public static void Check(string path) => Look(path, _ => { });

    /// <summary>Removes what a dead agent left behind. A living one, or a file that is no socket, is left alone.</summary>
    public static void MakeRoom(string path, ILogger logger) => Look(path, stale =>
    {
        File.Delete(stale);
        AgentLog.StaleSocketRemoved(logger, stale);
    });

    public static void Protect(string path) => File.SetUnixFileMode(path, OwnerAndGroup);

    private static void Look(string path, Action<string> removeStale)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var kind = FileKinds.Of(path);
            if (kind == FileKind.Missing)
            {
                return;
            }

            if (kind != FileKind.Socket)
            {
                throw new ConfigurationException($"{path} is {Name(kind)}, not a socket; move it away, or choose another --socket");
            }

            if (IsAnswered(path))
            {
                throw new ConfigurationException($"another program listens on {path} already; stop it, or choose another --socket");
            }

            removeStale(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the socket {path} cannot be made: {e.Message}");
        }
    }

    private static bool IsAnswered(string path)
    {
        // Without waiting: a program that hangs has a full queue sooner or later, and lives all the same.
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => false,
                SocketError.WouldBlock => true,
                _ => throw new ConfigurationException($"the socket {path} cannot be looked at: {e.Message}"),
            };
        }
    }

    private static string Name(FileKind kind) => kind switch
    {
        FileKind.File => "a file",
        FileKind.Directory => "a directory",
        FileKind.Link => "a symbolic link",
        _ => "a device or a pipe",
    };
}
