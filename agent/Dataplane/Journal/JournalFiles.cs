using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>What a former life left in the state folder, and what it means.</summary>
internal sealed class JournalFiles(DurableFiles files, IGenerationCodec codec, DamagedFiles damagedFiles)
{
    /// <exception cref="FileException">A file is there and cannot be read, which is not the same as damaged.</exception>
    public JournalReading Read()
    {
        // All are read before any is put aside: where one cannot be read, nothing is touched.
        var desired = ReadGeneration(FileJournal.Desired);
        var next = ReadGeneration(FileJournal.Next);
        var previous = ReadGeneration(FileJournal.Previous);
        var term = ReadTerm();
        var damaged = new List<Failure>();
        PutAside(
            desired,
            "the agent goes on from desired.previous if it has that; see the kernel's log for the disk, and send the whole configuration again",
            damaged);
        PutAside(next, "the change that was under way is not known; see 'cloudbrctl status', and send it again", damaged);
        PutAside(previous, "the generation in force is not concerned; see the kernel's log for the disk", damaged);
        PutAside(term, "the management server's next request sets its term anew", damaged);

        var inForce = desired.Content ?? previous.Content;
        var begun = next.Content;
        if (begun is not null && begun.Number == inForce?.Number)
        {
            // The same generation, of which more is known: it had been confirmed. Nothing about the kernel is open.
            files.Rename(FileJournal.Next, FileJournal.Desired);
            (inForce, begun) = (begun, null);
        }

        return new JournalReading
        {
            InForce = inForce,
            Begun = begun,
            Previous = desired.Content is null ? null : previous.Content,
            // Should the file be lost, no term is known better than those that the generations came with.
            Term = Math.Max(Math.Max(term.Content, TermOf(inForce)), Math.Max(TermOf(begun), TermOf(previous.Content))),
            Damaged = damaged,
        };
    }

    private static ulong TermOf(Generation? generation) => generation?.Entry.Term ?? 0;

    private StateFile<Generation?> ReadGeneration(string name) => Read<Generation?>(name, Frame.Generation, codec.Decode);

    private StateFile<ulong> ReadTerm() => Read(FileJournal.Term, Frame.Term, payload =>
        Encoding.ASCII.GetString(payload.Span) is [.. var digits, '\n']
        && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var term)
            ? term
            : throw new InvalidDataException("it has no number in it"));

    private StateFile<T> Read<T>(string name, string kind, Func<ReadOnlyMemory<byte>, T> decode)
    {
        if (files.Folder.Read(name) is not { } bytes)
        {
            return new StateFile<T>(name, default!, null, false);
        }

        try
        {
            return new StateFile<T>(name, decode(Frame.Open(kind, bytes)), null, false);
        }
        catch (NewerFormatException e)
        {
            return new StateFile<T>(name, default!, e.Message, true);
        }
        catch (InvalidDataException e)
        {
            return new StateFile<T>(name, default!, e.Message, false);
        }
    }

    private void PutAside<T>(StateFile<T> file, string remedy, List<Failure> damaged)
    {
        if (file.Fault is { } fault)
        {
            var aside = damagedFiles.PutAside(file.Name);
            damaged.Add(StateFailures.Damaged(
                Path.Combine(files.Folder.Path, file.Name),
                Path.Combine(files.Folder.Path, aside),
                fault,
                file.IsNewer,
                file.IsNewer
                    ? $"an older agent was put in a newer one's place: install the newer one again, and rename {aside} back to {file.Name}"
                    : remedy));
        }
    }

    /// <param name="Name">The file.</param>
    /// <param name="Content">The default if there is none, or none that can be used.</param>
    /// <param name="Fault">What is wrong with it; null if nothing is.</param>
    /// <param name="IsNewer">It is whole, and not for this agent.</param>
    private sealed record StateFile<T>(string Name, T Content, string? Fault, bool IsNewer);
}
