using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// The desired state on disk. An intent is there before the first write to the kernel, beside the generation in force; once the kernel
/// agrees it takes that one's place, and the one before is kept. So after a crash it is known what was begun.
/// </summary>
public interface IJournal
{
    /// <summary>What a former life left, damaged files set aside. Asked once, at the start.</summary>
    JournalReading Read();

    /// <summary>Puts what is about to be made on disk, to stay there whatever happens.</summary>
    /// <exception cref="JournalException">It is not on disk; nothing may be changed.</exception>
    void Intend(Generation intent);

    /// <summary>The intent is in force from now on.</summary>
    /// <exception cref="JournalException">
    /// The disk still calls it begun: <see cref="Owed"/> until <see cref="CatchUp"/> or the next <see cref="Intend"/> made up for it.
    /// </exception>
    void Accept();

    /// <summary>The intent was given up, if there was one.</summary>
    /// <exception cref="JournalException">The disk still calls it begun, as with <see cref="Accept"/>.</exception>
    void Abandon();

    /// <summary>
    /// This is in force, and was not intended: the agent's own way back from what was not confirmed, of which the disk knows that already.
    /// </summary>
    /// <exception cref="JournalException">The disk does not know that it was made, as with <see cref="Accept"/>.</exception>
    void Install(Generation made);

    /// <summary>Remembers the highest term that was seen; writes nothing if it does already.</summary>
    /// <exception cref="JournalException">It could not be kept.</exception>
    void KeepTerm(ulong term);

    /// <summary>What was told, and is not on disk: should the agent end now, the next life does not know it.</summary>
    Owed Owed { get; }

    /// <summary>Makes up for what the disk refused. An intent that it refused it need not take now, but one of that size.</summary>
    /// <exception cref="JournalException">The disk still fails.</exception>
    void CatchUp();
}

/// <summary>A call that failed and has to be made up for.</summary>
public enum Owed
{
    Nothing,
    Accept,
    Abandon,
    Install,
}

/// <summary>What the journal had. All null, and nothing damaged: an agent that nobody has told anything yet.</summary>
public sealed record JournalReading
{
    /// <summary>The generation in force; the previous one if the newest was damaged.</summary>
    public Generation? InForce { get; init; }

    /// <summary>A generation that was begun, and of which nobody knows how far it came.</summary>
    public Generation? Begun { get; init; }

    /// <summary>The generation before the one in force, if there was one and it is readable.</summary>
    public Generation? Previous { get; init; }

    public ulong Term { get; init; }

    /// <summary>Files that could not be read, each with what is wrong with it and where it was put.</summary>
    public IReadOnlyList<Failure> Damaged { get; init; } = [];

    /// <summary>There was a desired state, and no file of it can be read.</summary>
    public bool IsLost => Damaged.Count > 0 && InForce is null && Begun is null;
}

/// <summary>The state folder cannot be written.</summary>
public sealed class JournalException(Failure failure, Exception? cause = null) : Exception(failure.Message, cause)
{
    public Failure Failure { get; } = failure;
}
