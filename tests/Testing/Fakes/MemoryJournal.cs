using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Testing.Fakes;

/// <summary>A journal that outlives the agent's life in the test's memory, and can be full.</summary>
public sealed class MemoryJournal : IJournal
{
    private Generation? _made;

    public Generation? InForce { get; set; }

    public Generation? Begun { get; set; }

    public Generation? Previous { get; private set; }

    public ulong Term { get; private set; }

    /// <summary>What a start finds damaged.</summary>
    public IReadOnlyList<Failure> Damaged { get; set; } = [];

    /// <summary>Why nothing can be written; null if it can.</summary>
    public Failure? Full { get; set; }

    /// <summary>How often something was written.</summary>
    public int Writes { get; private set; }

    /// <summary>Called with each intent once it is kept.</summary>
    public Action<Generation>? OnIntend { get; set; }

    public JournalReading Read() => new()
    {
        InForce = InForce, Begun = Begun, Previous = Previous, Term = Term, Damaged = Damaged,
    };

    public void Intend(Generation intent)
    {
        CatchUp();
        Write();
        Begun = intent;
        OnIntend?.Invoke(intent);
    }

    public Owed Owed => _made is null ? Owed.Nothing : Owed.Install;

    public void CatchUp()
    {
        if (Full is { } failure)
        {
            throw new JournalException(failure);
        }

        if (_made is { } made)
        {
            _made = null;
            Intend(made);
            Accept();
        }
    }

    public void Accept()
    {
        Previous = Begun?.Number == InForce?.Number ? Previous : InForce;
        InForce = Begun ?? throw new InvalidOperationException("Nothing was intended.");
        Begun = null;
    }

    public void Abandon() => Begun = null;

    public void Install(Generation made)
    {
        _made = made;
        CatchUp();
    }

    /// <summary>The agent dies: what it owed the disk goes with it.</summary>
    public void ForgetMade() => (_made, Full) = (null, null);

    public void ForgetPrevious() => Previous = null;

    public void KeepTerm(ulong term)
    {
        if (term > Term)
        {
            Write();
            Term = term;
        }
    }

    private void Write()
    {
        if (Full is { } failure)
        {
            throw new JournalException(failure);
        }

        Writes++;
    }
}
