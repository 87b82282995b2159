using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>The real journal of an agent that dies in the middle of it: for the code that is still running it is a disk that fails.</summary>
internal sealed class MortalJournal(FileJournal journal) : IJournal
{
    /// <summary>What this life found.</summary>
    public JournalReading Found { get; private set; } = new();

    /// <summary>How much was asked of the disk.</summary>
    public int Calls { get; private set; }

    public JournalReading Read() => Found = Do(journal.Read);

    public void Intend(Generation intent) => Do(() => journal.Intend(intent));

    public void Accept() => Do(journal.Accept);

    public void Abandon() => Do(journal.Abandon);

    public void Install(Generation made) => Do(() => journal.Install(made));

    public void KeepTerm(ulong term) => Do(() => journal.KeepTerm(term));

    public Owed Owed => journal.Owed;

    public void CatchUp() => Do(journal.CatchUp);

    private void Do(Action call) => Do(() =>
    {
        call();
        return true;
    });

    private T Do<T>(Func<T> call)
    {
        try
        {
            Calls++;
            return call();
        }
        catch (MachineStoppedException e)
        {
            throw new JournalException(
                new Failure { Operation = "test", Subject = new ObjectRef(ObjectKind.Host), Reason = "DEAD", Message = "the agent died" }, e);
        }
    }
}
