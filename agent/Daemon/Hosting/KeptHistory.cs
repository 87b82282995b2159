using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Daemon.Hosting;

/// <summary>Generations are kept to go back to, and in git for people to read; nothing is ever taken from there.</summary>
internal sealed class KeptHistory(GenerationStore generations, GitHistory git) : IHistory
{
    public void Keep(Generation generation)
    {
        generations.Keep(generation);
        git.Keep(generation);
    }

    public IReadOnlyList<HistoryEntry> List(ulong? before, int count) => generations.List(before, count);

    public Generation? Find(ulong number) => generations.Find(number);
}
