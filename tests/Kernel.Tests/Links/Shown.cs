using System.Globalization;
using System.Text.Json;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What the kernel has, as iproute2 shows it: a witness besides the agent's own reading.</summary>
internal static class Shown
{
    /// <summary>`ip -details link show`.</summary>
    public static JsonElement Link(NetNamespace host, string name) =>
        Query(host, "ip", "-json", "-details", "link", "show", "dev", name).Single();

    public static int Mtu(NetNamespace host, string name) => Link(host, name).GetProperty("mtu").GetInt32();

    /// <summary>How many bytes came in through a device so far.</summary>
    public static long ReceivedBytes(NetNamespace host, string name) =>
        Query(host, "ip", "-json", "-statistics", "link", "show", "dev", name).Single()
            .GetProperty("stats64").GetProperty("rx").GetProperty("bytes").GetInt64();

    /// <summary>What makes a device of its kind: a VXLAN's group, a bridge's timers.</summary>
    public static JsonElement Kind(NetNamespace host, string name) => Link(host, name).GetProperty("linkinfo").GetProperty("info_data");

    /// <summary>A device as a member of its bridge: `bridge -details link show`.</summary>
    public static JsonElement Member(NetNamespace host, string name) =>
        Query(host, "bridge", "-json", "-details", "link", "show", "dev", name).Single();

    /// <summary>The entries of a VXLAN's forwarding table that somebody set, as `MAC peer`, in order; a routing daemon's say so.</summary>
    public static IReadOnlyList<string> Entries(NetNamespace host, string device) => Table(host, device)
        .Where(e => IsSet(e) || IsExternal(e))
        .Select(e => IsExternal(e) ? $"{Text(e)} extern_learn" : Text(e))
        .Order(StringComparer.Ordinal).ToList();

    /// <summary>The entries that the device learnt from frames, as `MAC peer`.</summary>
    public static IReadOnlyList<string> Learnt(NetNamespace host, string device) => Table(host, device)
        .Where(e => !IsSet(e) && !IsExternal(e)).Select(Text).ToList();

    /// <summary>The routes with the agent's mark, as `destination device`, in order.</summary>
    public static IReadOnlyList<string> AgentsRoutes(NetNamespace host) => new[] { "-4", "-6" }
        .SelectMany(family => Query(host, "ip", family, "-json", "route", "show", "table", "all", "protocol", "203"))
        .Select(route => $"{route.GetProperty("dst").GetString()} {route.GetProperty("dev").GetString()}")
        .Order(StringComparer.Ordinal).ToList();

    /// <summary>The devices with the mark of a network of the agent's, as `name alias MTU up master`, in order.</summary>
    public static IReadOnlyList<string> MarkedForNetworks(NetNamespace host) => Query(host, "ip", "-json", "link", "show")
        .Where(l => l.TryGetProperty("ifalias", out var alias) && alias.GetString()!.StartsWith("cloudbr:network:", StringComparison.Ordinal))
        .Select(l => string.Create(
            CultureInfo.InvariantCulture,
            $"{l.GetProperty("ifname")} {l.GetProperty("ifalias")} {l.GetProperty("mtu")} {(l.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "UP") ? "up" : "down")} {(l.TryGetProperty("master", out var master) ? master.GetString() : "-")}"))
        .Order(StringComparer.Ordinal).ToList();

    private static IEnumerable<JsonElement> Table(NetNamespace host, string device) =>
        Query(host, "bridge", "-json", "fdb", "show", "dev", device).Where(e => e.TryGetProperty("dst", out _));

    private static string Text(JsonElement entry) => $"{entry.GetProperty("mac").GetString()} {entry.GetProperty("dst").GetString()}";

    private static bool IsSet(JsonElement entry) =>
        entry.TryGetProperty("state", out var state) && state.GetString() is "permanent" or "static";

    private static bool IsExternal(JsonElement entry) =>
        entry.GetProperty("flags").EnumerateArray().Any(flag => flag.GetString() == "extern_learn");

    private static List<JsonElement> Query(NetNamespace host, params IReadOnlyList<string> command)
    {
        var output = host.Exec(command).Output;
        if (string.IsNullOrWhiteSpace(output))
        {
            return [];
        }

        using var document = JsonDocument.Parse(output);
        return document.RootElement.EnumerateArray().Where(e => e.EnumerateObject().Any()).Select(e => e.Clone()).ToList();
    }
}
