using System.Globalization;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>
/// Who else on this host may be at work on network devices, by the traces that they leave under /run. A guess, for people to start from.
/// </summary>
public sealed class OtherManagers(string root = "/")
{
    /// <summary>What is there while the program runs.</summary>
    private static readonly (string Name, string Trace)[] Programs =
    [
        ("NetworkManager", "run/NetworkManager"),
        ("ifupdown2 or ifupdown", "run/network/ifstate"),
        ("keepalived", "run/keepalived.pid"),
        ("wicked", "run/wicked"),
    ];

    /// <summary>The likeliest manager of a device; empty if nobody is known.</summary>
    public string Of(string device)
    {
        if (IndexOf(device) is { } index && Says("run/systemd/netif/links/" + index, "ADMIN_STATE=configur"))
        {
            return "systemd-networkd";
        }

        if (IndexOf(device) is { } known && Says("run/NetworkManager/devices/" + known, "managed=true"))
        {
            return "NetworkManager";
        }

        foreach (var (name, trace) in Programs)
        {
            var path = Path.Combine(root, trace);
            if (Directory.Exists(path) || File.Exists(path))
            {
                return name;
            }
        }

        return "";
    }

    private string? IndexOf(string device)
    {
        try
        {
            var text = device.Length == 0 || device.Contains('/', StringComparison.Ordinal) ? "" : File.ReadAllText(Path.Combine(root, "sys/class/net", device, "ifindex")).Trim();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool Says(string file, string words)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, file)).Contains(words, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
