using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Systemd;

/// <summary>
/// Tells systemd how the service is. Where the agent was not started by systemd this does nothing. What cannot be told is no
/// reason for the agent to fail, so it comes back as words for the log.
/// </summary>
public static class ServiceManager
{
    /// <summary>Whether systemd waits to be told.</summary>
    public static bool IsListening => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>The service serves: systemd starts what waits for it. Null, or why systemd could not be told.</summary>
    public static string? Ready(string status) => Notify($"READY=1\nSTATUS={status}");

    /// <summary>The service has begun to stop. Null, or why systemd could not be told.</summary>
    public static string? Stopping(string status) => Notify($"STOPPING=1\nSTATUS={status}");

    private static string? Notify(string state)
    {
        if (!IsListening)
        {
            return null;
        }

        if (!LibSystemd.IsPresent)
        {
            return "libsystemd.so.0 is not on this host; install libsystemd0 (Debian) or systemd-libs";
        }

        var result = LibSystemd.Notify(0, state);
        return result >= 0 ? null : $"sd_notify: {Marshal.GetPInvokeErrorMessage(-result)}";
    }
}
