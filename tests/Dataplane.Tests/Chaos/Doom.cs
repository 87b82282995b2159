using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// When the agent dies. Everything that it does to disk and kernel passes here before it is done; from the moment of its death on nothing
/// is done any more, whatever the code still tries.
/// </summary>
internal sealed class Doom
{
    /// <summary>What passed so far.</summary>
    public int Passed { get; private set; }

    /// <summary>It dies in the place of the operation with this number, from 0; null: it lives.</summary>
    public int? DiesBefore { get; set; }

    public bool IsDead { get; private set; }

    /// <summary>Where it died.</summary>
    public string Where { get; private set; } = "";

    /// <summary>What passed, if somebody wants to know.</summary>
    public List<string>? Trace { get; init; }

    public void Pass(string what)
    {
        if (!IsDead && Passed >= DiesBefore)
        {
            (IsDead, Where) = (true, what);
        }

        if (IsDead)
        {
            throw new MachineStoppedException();
        }

        Passed++;
        Trace?.Add(what);
    }

    /// <summary>Kills it between two operations.</summary>
    public void Die(string where)
    {
        if (!IsDead)
        {
            (IsDead, Where) = (true, where);
        }
    }
}
