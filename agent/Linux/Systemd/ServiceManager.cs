namespace Cloudbr.Agent.Linux.Systemd;

/// <summary>Tells systemd how the service is. Where the agent was not started by systemd this does nothing.</summary>
public static class ServiceManager
{
    /// <summary>Whether systemd waits to be told.</summary>
    public static bool IsListening => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>The service serves: systemd starts what waits for it.</summary>
    public static void Ready(string status) => Notify($"READY=1\nSTATUS={status}");

    /// <summary>The service has begun to stop.</summary>
    public static void Stopping(string status) => Notify($"STOPPING=1\nSTATUS={status}");

    private static void Notify(string state)
    {
        if (!IsListening)
        {
            return;
        }

        if (!LibSystemd.IsPresent)
        {
            throw new InvalidOperationException(
                "systemd waits for the agent's word, and libsystemd.so.0 is not on this host. Install libsystemd0 (Debian) or systemd-libs.");
        }

        var result = LibSystemd.Notify(0, state);
        if (result < 0)
        {
            throw new InvalidOperationException($"sd_notify failed with errno {-result}.");
        }
    }
}
