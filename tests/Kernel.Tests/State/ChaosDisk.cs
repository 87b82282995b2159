using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>What an agent that lives no more left on disk, and whether the host is as that says, by other eyes than the agent's.</summary>
internal sealed class ChaosDisk
{
    private readonly JournalReading _journal;
    private readonly List<Generation> _history;

    private ChaosDisk(JournalReading journal, List<Generation> history) => (_journal, _history) = (journal, history);

    /// <summary>How many generations of the history an agent of <see cref="ChaosAgent"/> keeps.</summary>
    public const int Kept = 20;

    public static ChaosDisk Read(string state)
    {
        var codec = new ChaosCodec();
        using var journal = new FileJournal(state, codec, TimeProvider.System);
        using var history = new GenerationStore(state, codec, Kept, new Strict());
        var found = new ChaosDisk(journal.Read(), [.. history.List(null, Kept).Select(e => history.Find(e.Generation)!)]);
        Assert.That(found._journal.Damaged, Is.Empty);
        return found;
    }

    /// <summary>The number of a network that it wants, and would want if it finished what it began; 0 if there is none.</summary>
    public int Draw(Random dice)
    {
        var wanted = Enumerable.Range(ChaosConfig.Fewest, ChaosConfig.Most - ChaosConfig.Fewest + 1)
            .Where(vni => new[] { _journal.InForce, _journal.Begun ?? _journal.InForce }.All(g => g?.Config.Networks.ContainsKey(TwoAgents.Multicast(vni).Id) == true)).ToList();
#pragma warning disable CA5394 // Nothing secret.
        return wanted.Count == 0 ? 0 : wanted[dice.Next(wanted.Count)];
#pragma warning restore CA5394
    }

    /// <summary>Journal and history agree with what was told, and the networks of the kernel with the journal.</summary>
    public void CheckRest(NetNamespace host, ulong told)
    {
        var inForce = _journal.InForce!;
        Assert.That((_journal.Begun, inForce.Number), Is.EqualTo(((Generation?)null, told)));
        Assert.That(_history.Select(g => g.Number), Is.Ordered.Descending.And.Unique);
        Assert.That((_history[0].Number, ChaosConfig.Show(_history[0].Config)), Is.EqualTo((told, ChaosConfig.Show(inForce.Config))));

        var mtu = Shown.Mtu(host, $"brvx-{ChaosConfig.Untouched}");
        var networks = inForce.Config.Networks.Values.Select(n => (n.Id, Isolation: (VxlanIsolation)n.Isolation)).ToList();
        Assert.That(Shown.MarkedForNetworks(host), Is.EquivalentTo(networks.SelectMany(n => new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"brvx-{n.Isolation.Vni} cloudbr:network:{n.Id} {mtu} up -"),
            string.Create(CultureInfo.InvariantCulture, $"vxlan{n.Isolation.Vni} cloudbr:network:{n.Id} {mtu} up brvx-{n.Isolation.Vni}"),
        })));
        foreach (var (_, isolation) in networks)
        {
            if (isolation.Mode is VxlanStatic { Peers: var peers })
            {
                Assert.That(
                    Shown.Entries(host, string.Create(CultureInfo.InvariantCulture, $"vxlan{isolation.Vni}")),
                    Is.EquivalentTo(peers.Select(p => $"00:00:00:00:00:00 {p}")));
            }
        }
    }

    private sealed class Strict : IHistoryObserver
    {
        public void HistoryFailing(Failure failure) => throw new AssertionException(failure.Message);

        public void HistoryWorking(long lost)
        {
        }

        public void GenerationUnreadable(Failure failure) => throw new AssertionException(failure.Message);
    }
}
