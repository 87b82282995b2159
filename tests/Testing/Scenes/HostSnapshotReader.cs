using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>Reads with iproute2's own tools what goes into a <see cref="HostSnapshot"/>, and leaves out what passes by itself.</summary>
internal static class HostSnapshotReader
{
    private const long Forever = uint.MaxValue;

    /// <summary>A duplicate address is looked for during one or two seconds.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>What changes though nobody changes anything, in whichever object it stands.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        // Of bridges and their ports.
        "hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "hold_timer", "message_age_timer", "forward_delay_timer",
        "topology_change", "topology_change_detected", "topology_change_ack", "config_pending", "fdb_n_learned",
        // How many users of a device want all frames or all multicast: a VLAN device in a bridge counts on its parent.
        "promiscuity", "allmulti",
        // Counters, and remaining times.
        "stats", "stats64", "link_failure_count", "refcnt", "expires", "used", "updated", "age", "users",
    };

    internal static SortedDictionary<string, SortedDictionary<string, string>> Read(NetNamespace host, Func<string, bool> devices)
    {
        List<JsonObject> links = [];
        try
        {
            host.WaitUntil("no IPv6 address is tentative", () =>
            {
                // Both in one program: where there is an address, the link is there too.
                links = Query(host, "link\naddress\n", "ip", "-details", "-json", "-batch", "-");
                return !Tentative(links, devices).Any();
            }, Limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}, but {string.Join(", ", Tentative(links, devices))}", e);
        }

        var objects = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (name, value) in Objects(host, links, devices))
        {
            // Nothing forbids two equal rules.
            var unique = name;
            for (var number = 2; objects.ContainsKey(unique); number++)
            {
                unique = $"{name} ({number})";
            }

            objects.Add(unique, Flatten(value));
        }

        return objects;
    }

    private static IEnumerable<(string Name, JsonObject Value)> Objects(
        NetNamespace host, List<JsonObject> links, Func<string, bool> devices)
    {
        foreach (var link in links.Where(link => devices(Text(link, "ifname"))))
        {
            if (link["addr_info"] is not { } addresses)
            {
                yield return ($"link {Text(link, "ifname")}", link);
                continue;
            }

            foreach (var address in Items(addresses))
            {
                Lifetime(address, "valid_life_time");
                Lifetime(address, "preferred_life_time");
                yield return ($"address {Text(link, "ifname")} {Text(address, "local")}/{Text(address, "prefixlen")}", address);
            }
        }

        foreach (var family in new[] { "-4", "-6" })
        {
            var both = Query(host, "route show table all\nrule\n", "ip", family, "-details", "-json", "-batch", "-");
            foreach (var item in both.Where(IsKept))
            {
                yield return item.ContainsKey("priority")
                    ? ($"rule{family} {Text(item, "priority")}", item)
                    : ($"route{family} {Text(item, "table")} {Text(item, "dst")} {Text(item, "dev", "")}".TrimEnd(), item);
            }
        }

        foreach (var entry in Query(host, null, "bridge", "-json", "fdb", "show").Where(IsKept).Where(IsMade))
        {
            yield return ($"fdb {Text(entry, "ifname")} {Text(entry, "mac")} {Text(entry, "dst", "")}".TrimEnd(), entry);
        }

        foreach (var qdisc in Query(host, null, "tc", "-json", "qdisc").Where(IsKept))
        {
            yield return ($"qdisc {Text(qdisc, "dev")} {Text(qdisc, "parent", "root")}", qdisc);
        }

        bool IsKept(JsonObject value)
        {
            var named = new[] { value["ifname"], value["dev"], value["iif"], value["oif"] }
                .Concat(Items(value["nexthops"]).Select(hop => hop["dev"]))
                .Where(name => name is not null)
                .ToList();
            return named.Count == 0 || named.Any(name => devices(name!.ToString()));
        }
    }

    /// <summary>
    /// Somebody's making: a bridge's own entries, an operator's, a control plane's. Not what was learnt from frames, nor
    /// the multicast addresses that a device listens to, which follow from its users.
    /// </summary>
    private static bool IsMade(JsonObject entry)
    {
        var flags = entry["flags"]!.AsArray().Select(flag => flag!.ToString()).ToList();
        var isMulticast = (byte.Parse(Text(entry, "mac").AsSpan(0, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) == 1;
        return (Text(entry, "state", "") is "permanent" or "static" or "noarp" || flags.Contains("extern_learn"))
            && !(isMulticast && flags.Contains("self") && !entry.ContainsKey("dst"));
    }

    private static IEnumerable<string> Tentative(List<JsonObject> links, Func<string, bool> devices) =>
        from link in links
        where devices(Text(link, "ifname"))
        from address in Items(link["addr_info"])
        where address.ContainsKey("tentative") && !address.ContainsKey("dadfailed")
        select $"{address.ToJsonString()} of {link["ifname"]} {link["operstate"]} {link["flags"]?.ToJsonString()}";

    /// <summary>A lifetime that is limited counts down; that it is limited does not change.</summary>
    private static void Lifetime(JsonObject address, string name) =>
        address[name] = address[name]!.GetValue<long>() == Forever ? "forever" : "limited";

    private static SortedDictionary<string, string> Flatten(JsonObject value)
    {
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add("", value);
        return attributes;

        void Add(string path, JsonObject members)
        {
            foreach (var (name, member) in members.Where(member => !Passing.Contains(member.Key)))
            {
                if (member is JsonObject inner)
                {
                    Add($"{path}{name}.", inner);
                }
                else if (member is not JsonArray { Count: 0 })
                {
                    attributes[path + name] = member is JsonArray array ? array.ToJsonString() : member?.ToString() ?? "null";
                }
            }
        }
    }

    /// <summary>All that a program prints: an array for each thing that it was asked, or nothing at all.</summary>
    private static List<JsonObject> Query(NetNamespace host, string? input, params IReadOnlyList<string> command)
    {
        var output = Encoding.UTF8.GetBytes(host.TryExec(command, input).EnsureSuccess().Output);
        var reader = new Utf8JsonReader(output, new JsonReaderOptions { AllowMultipleValues = true });
        var found = new List<JsonObject>();
        while (reader.Read())
        {
            found.AddRange(Items(JsonNode.Parse(ref reader)));
        }

        return found;
    }

    private static List<JsonObject> Items(JsonNode? array) => array is null ? [] : [.. array.AsArray().OfType<JsonObject>()];

    private static string Text(JsonObject value, string name, string otherwise = "?") => value[name]?.ToString() ?? otherwise;
}
