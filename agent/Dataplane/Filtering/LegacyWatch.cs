using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Linux.Xtables;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>
/// Notices that somebody else changed a legacy table with chains of ours, which the kernel tells nobody: by how many entries it has. What the
/// agent itself writes is known to the entry; anything else is somebody's.
/// </summary>
public sealed class LegacyWatch : IDisposable
{
    /// <summary>So long a change of somebody's may go unnoticed.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly XtablesSocket _socket;
    private readonly HashSet<TableId> _legacy;
    private readonly Dictionary<TableId, TablePrint?> _prints = [];

    private LegacyWatch(XtablesSocket socket, HashSet<TableId> legacy) => (_socket, _legacy) = (socket, legacy);

    /// <summary>Null on a host none of whose tools is a legacy one.</summary>
    public static LegacyWatch? Open(IEnumerable<FirewallTool> tools, SafeFileHandle? networkNamespace = null)
    {
        var legacy = tools.Where(t => t.Backend == FirewallBackend.Legacy).SelectMany(t => TablesOf(t.Name)).ToHashSet();
        return legacy.Count == 0 ? null : new LegacyWatch(XtablesSocket.Open(networkNamespace), legacy);
    }

    /// <summary>Whether any table is another one than when it was looked at.</summary>
    public bool HasChanged() => _prints.Any(p => _socket.Look(p.Key) != p.Value);

    /// <summary>Before all is read: what changes from here on is not in what is read.</summary>
    public void Look()
    {
        foreach (var table in _prints.Keys.ToList())
        {
            _prints[table] = _socket.Look(table);
        }
    }

    /// <summary>After all was read. False if tables are watched only from here on: what came before that nobody would have noticed.</summary>
    public bool Follow(Ruleset read)
    {
        var wereWatched = true;
        foreach (var id in _legacy)
        {
            var (isUsed, isWatched) = (Entries(id, read.Tables[id]) > 0, _prints.ContainsKey(id));
            if (isUsed && !isWatched)
            {
                _prints[id] = _socket.Look(id);
                wereWatched = false;
            }
            else if (!isUsed)
            {
                _prints.Remove(id);
            }
        }

        return wereWatched;
    }

    /// <summary>After one was made of the other. False if the tables differ from before by something else as well.</summary>
    public bool Follow(Ruleset before, Ruleset after)
    {
        var isOurs = true;
        foreach (var (id, known) in _prints.ToList())
        {
            var now = _prints[id] = _socket.Look(id);
            isOurs &= known is { } then && now is { } print
                && (int)(print.Entries - then.Entries) == Entries(id, after.Tables[id]) - Entries(id, before.Tables[id]);
        }

        return Follow(after) && isOurs;
    }

    public void Dispose() => _socket.Dispose();

    private static TableId[] TablesOf(string tool) => tool switch
    {
        "ebtables" => [TableId.FrameNat],
        "iptables" => [TableId.Raw4, TableId.Filter4],
        "ip6tables" => [TableId.Raw6, TableId.Filter6],
        _ => [],
    };

    /// <summary>What of a table is ours: rules, and for iptables the head and the foot of each chain.</summary>
    private static int Entries(TableId id, Table table) =>
        table.Hooks.Count + table.Strays.Length + table.Chains.Values.Sum(c => c.Rules.Length + (id == TableId.FrameNat ? 0 : 2));
}
