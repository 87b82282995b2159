using System.Collections.Immutable;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Firewall.Programming;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>
/// Programs chains and sets with the host's tools, one process for each, and reads back what it wrote. What one tool refuses is taken
/// back from the others, so that the host has all of a change or nothing of it.
/// </summary>
/// <param name="run">Starts a tool.</param>
/// <param name="protocols">How this host's iptables names protocols.</param>
/// <param name="ethertypes">How its ebtables names Ethernet types.</param>
/// <param name="warn">Hears what tools complain of though they go on.</param>
public sealed class FilterDriver(RunTool run, NumberNames protocols, NumberNames ethertypes, ToolWarning? warn = null)
{
    private const string Probe = "CB-PROBE";

    private readonly FilterTool _tool = new(run, warn);
    private readonly SavedTables _ipTables = new(protocols);
    private readonly SavedTables _frameTables = new(ethertypes);

    private static (string Tool, ImmutableArray<TableId> Tables)[] Tools { get; } =
    [
        ("ebtables", [TableId.FrameNat]),
        ("iptables", [TableId.Raw4, TableId.Filter4]),
        ("ip6tables", [TableId.Raw6, TableId.Filter6]),
    ];

    /// <summary>With the tools that are installed, in the agent's own network namespace.</summary>
    public static FilterDriver OnThisHost(ToolWarning warn)
    {
        return new FilterDriver(
            (call, limit) => Linux.Process.Tool.RunAsync(call, limit, CancellationToken.None),
            NumberNames.Protocols(ReadIfThere("/etc/protocols")),
            NumberNames.Ethertypes(ReadIfThere("/etc/ethertypes")),
            warn);

        static string ReadIfThere(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>Whether frames can be matched by the bridge that they are on: tried, in one transaction that leaves nothing.</summary>
    public bool MatchesBridges() => _tool.RestoreAsync(
        "ebtables-restore",
        $"""
        *nat
        :{Probe} RETURN
        -A {Probe} --logical-in probe -j DROP
        -F {Probe}
        -X {Probe}

        """).GetAwaiter().GetResult() is null;

    /// <summary>
    /// Whether connections can be kept apart by zones: tried, and only if a rule without a zone is taken where one with a zone is not, it is
    /// the zone that this kernel lacks. What is amiss otherwise the rules themselves will say.
    /// </summary>
    public bool HasZones() => Takes("-j CT --zone 1") || !Takes("-j CT --notrack");

    /// <summary>Has the kernel load what rules about the ports of bridges need, with one that is gone again.</summary>
    public void TryPortRule() => Takes("-m physdev --physdev-is-in -j RETURN");

    /// <summary>Whether this process was started here to change the filter.</summary>
    public bool IsOurs(int process) => _tool.IsOurs(process);

    /// <summary>Reads all that is ours.</summary>
    public Ruleset Read()
    {
        var sets = _tool.ReadAsync("ipset", "save");
        var tables = Tools.Select(t => (t.Tables, Reading: ReadTablesAsync(t.Tool, t.Tables))).ToArray();
        var all = Ruleset.Empty.Tables;
        foreach (var table in tables.SelectMany(t => t.Reading.GetAwaiter().GetResult()))
        {
            all = all.SetItem(table.Key, table.Value);
        }

        return new Ruleset(all, SavedSets.Read(sets.GetAwaiter().GetResult() ?? ""));
    }

    /// <summary>
    /// Makes <paramref name="after"/> of <paramref name="before"/>. Sets come before the rules that need them, and go after those that
    /// needed them.
    /// </summary>
    /// <returns>Why not; null if everything was accepted.</returns>
    public Failure? Change(Ruleset before, Ruleset after)
    {
        if (Write(SetText.Additions(before.Sets, after.Sets)) is { } refused)
        {
            Write(SetText.Removals(Merge(before.Sets, after.Sets), before.Sets));
            return refused;
        }

        var texts = Tools.Select(t => (t.Tool, Text: Text(t.Tables, before, after), Back: Text(t.Tables, after, before))).ToArray();
        var failures = Restore(texts.Select(t => (t.Tool, t.Text)));
        if (Array.Find(failures, f => f is not null) is { } failure)
        {
            Restore(texts.Where((_, i) => failures[i] is null or { Reason: FilterTool.LeftOut }).Select(t => (t.Tool, t.Back)));
            Write(SetText.Removals(Merge(before.Sets, after.Sets), before.Sets));
            return failure with { Subject = Owner(failure, after) };
        }

        return Write(SetText.Removals(before.Sets, after.Sets));
    }

    /// <summary>Reads anew where two rulesets differ, and takes the rest from <paramref name="known"/>.</summary>
    public Ruleset ReadBack(Ruleset known, Ruleset before, Ruleset after)
    {
        var readings = Tools.Select(t => ReadChangedAsync(t.Tool, t.Tables, known, before, after)).ToArray();
        var sets = before.Sets.SequenceEqual(after.Sets) ? null : _tool.ReadAsync("ipset", "save");
        var tables = known.Tables;
        foreach (var reading in readings)
        {
            foreach (var (id, table) in reading.GetAwaiter().GetResult())
            {
                tables = tables.SetItem(id, table);
            }
        }

        return new Ruleset(tables, sets is null ? known.Sets : SavedSets.Read(sets.GetAwaiter().GetResult() ?? ""));
    }

    /// <summary>In two transactions, for of one that leaves nothing the legacy tools tell the kernel nothing.</summary>
    private bool Takes(string rule) => _tool.RestoreAsync(
        "iptables-restore",
        $"""
        *raw
        :{Probe} - [0:0]
        -A {Probe} {rule}
        COMMIT
        *raw
        -F {Probe}
        -X {Probe}
        COMMIT

        """).GetAwaiter().GetResult() is null;

    /// <summary>Whose chain the failing line is about.</summary>
    private static ObjectRef Owner(Failure failure, Ruleset rules)
    {
        var chain = RestoreFailure.Chain(failure.Evidence);
        return rules.Tables.Values.Select(t => t.Chains.GetValueOrDefault(chain)?.Owner).FirstOrDefault(o => o is not null) ?? failure.Subject;
    }

    private Failure? Write(string text) => _tool.WriteAsync("ipset", text, "-exist", "restore").GetAwaiter().GetResult();

    /// <summary>Only the chains that changed; to see that one is gone, or what leads to the first, takes whole tables.</summary>
    private async Task<IReadOnlyDictionary<TableId, Table>> ReadChangedAsync(
        string tool, ImmutableArray<TableId> tables, Ruleset known, Ruleset before, Ruleset after)
    {
        var changed = tables.Where(id => !before.Tables[id].IsSameAs(after.Tables[id])).ToImmutableArray();
        if (changed.IsEmpty)
        {
            return ImmutableDictionary<TableId, Table>.Empty;
        }

        var chains = changed.Select(id => new ChainsOf(id, Changed(before.Tables[id], after.Tables[id]))).ToArray();
        var areThere = chains.All(c => c.Names.All(after.Tables[c.Table].Chains.ContainsKey));
        return (areThere && HasSameHooks(changed, before, after) ? await ReadChainsAsync(tool, chains, known).ConfigureAwait(false) : null)
            ?? await ReadTablesAsync(tool, changed).ConfigureAwait(false);
    }

    private Failure?[] Restore(IEnumerable<(string Tool, string Text)> texts) =>
        [.. texts.Select(t => _tool.RestoreAsync($"{t.Tool}-restore", t.Text)).ToArray().Select(t => t.GetAwaiter().GetResult())];

    /// <summary>Table by table: to find out by itself which there are, a legacy tool would have to be root.</summary>
    private async Task<IReadOnlyDictionary<TableId, Table>> ReadTablesAsync(string tool, ImmutableArray<TableId> ids)
    {
        var texts = await Task.WhenAll(ids.Select(id => _tool.ReadAsync($"{tool}-save", "-t", TableText.Name(id)))).ConfigureAwait(false);
        var tables = new Dictionary<TableId, Table>();
        foreach (var (id, text) in ids.Zip(texts))
        {
            tables[id] = Saved(tool).Read(text ?? "").GetValueOrDefault(TableText.Name(id), Table.Empty);
        }

        return tables;
    }

    /// <summary>The known tables with these chains of them as they are now; null if not all are there.</summary>
    private async Task<IReadOnlyDictionary<TableId, Table>?> ReadChainsAsync(string tool, ChainsOf[] asked, Ruleset known)
    {
        IReadOnlyList<Chain> listed;
        try
        {
            listed = Saved(tool).ReadListed(await _tool.ListAsync($"{tool}-restore", ListText.Ask(asked)).ConfigureAwait(false) ?? "");
        }
        catch (KernelException)
        {
            // Each tool has its own words for a chain that somebody took away.
            return null;
        }

        if (!listed.Select(c => c.Name).SequenceEqual(asked.SelectMany(a => a.Names), StringComparer.Ordinal))
        {
            return null;
        }

        var tables = new Dictionary<TableId, Table>();
        var at = 0;
        foreach (var (id, names) in asked)
        {
            var chains = new Dictionary<string, Chain>(known.Tables[id].Chains, StringComparer.Ordinal);
            foreach (var chain in listed.Skip(at).Take(names.Count))
            {
                chains[chain.Name] = chain;
            }

            at += names.Count;
            tables[id] = known.Tables[id] with { Chains = chains };
        }

        return tables;
    }

    private SavedTables Saved(string tool) => tool == "ebtables" ? _frameTables : _ipTables;

    private static string Text(ImmutableArray<TableId> tables, Ruleset before, Ruleset after)
    {
        var text = new StringBuilder();
        foreach (var id in tables)
        {
            TableText.Append(text, id, before.Tables[id], after.Tables[id]);
        }

        return text.ToString();
    }

    private static IReadOnlyList<string> Changed(Table before, Table after) =>
    [
        .. after.Chains.Values.Where(c => !c.Equals(before.Chains.GetValueOrDefault(c.Name))).Select(c => c.Name),
        .. before.Chains.Keys.Where(c => !after.Chains.ContainsKey(c)),
    ];

    private static bool HasSameHooks(ImmutableArray<TableId> tables, Ruleset before, Ruleset after) =>
        tables.All(id => before.Tables[id].Strays.IsEmpty && before.Tables[id].Hooks.SequenceEqual(after.Tables[id].Hooks));

    /// <summary>Both, as they are between the first and the last step of a change.</summary>
    private static ImmutableSortedDictionary<string, AddressSet> Merge(
        ImmutableSortedDictionary<string, AddressSet> before, ImmutableSortedDictionary<string, AddressSet> after) =>
        before.SetItems(after.Values.Select(set => KeyValuePair.Create(
            set.Name, before.TryGetValue(set.Name, out var known) ? set with { Members = known.Members.Union(set.Members) } : set)));
}
