using System.Net.Sockets;
using Cloudbr.Agent.Daemon.Logging;
using Cloudbr.Agent.Daemon.Options;

namespace Cloudbr.Agent.Daemon.Hosting;

/// <summary>The Unix socket's file: free to be bound, and then open to its owner and group only.</summary>
internal static class ListeningSocket
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Removes what a dead agent left behind. A living one, or a file that is no socket, is left alone.</summary>
    public static void MakeRoom(string path, ILogger logger)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!Path.Exists(path))
            {
                return;
            }

            if (IsAnswered(path))
            {
                throw new ConfigurationException($"another program listens on {path} already; stop it, or choose another --socket");
            }

            File.Delete(path);
            AgentLog.StaleSocketRemoved(logger, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the socket {path} cannot be made: {e.Message}");
        }
    }

    public static void Protect(string path) => File.SetUnixFileMode(path, OwnerAndGroup);

    private static bool IsAnswered(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Nobody listens. For a file that is no socket the kernel says the same, so look.
            return IsPlainFile(path) ? throw new ConfigurationException($"{path} is a file, not a socket; move it away, or choose another --socket") : false;
        }
        catch (SocketException e)
        {
            throw new ConfigurationException($"the socket {path} cannot be looked at: {e.Message}");
        }
    }

    /// <summary>.NET tells files, directories and links apart; a socket is none of them, and has no content.</summary>
    private static bool IsPlainFile(string path) =>
        (File.GetAttributes(path) & FileAttributes.Directory) != 0 || new FileInfo(path).Length > 0;
}
