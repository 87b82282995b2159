using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Tests.Journal;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>
/// What a journal does on a small disk of its own, told line by line. The disk is mounted in this process's mount namespace and goes with
/// it, however it ends.
/// </summary>
internal static class DiskScenes
{
    public static int Fill(string folder)
    {
        using var journal = Start(folder);
        var filler = Path.Combine(folder, "filler");
        FillUp(filler);
        Try("full", folder, () => journal.Intend(Large(2)));
        Try("full, term", folder, () => journal.KeepTerm(9));
        Try("full, way back", folder, () => journal.Install(Large(2)));
        File.Delete(filler);
        Try("room, way back", folder, journal.CatchUp);
        Try("room", folder, () => journal.Intend(Large(3)));
        Try("accept", folder, journal.Accept);
        return 0;
    }

    public static int Freeze(string folder)
    {
        using var journal = Start(folder);
        journal.Intend(Large(2));
        Command.Run("mount", "-o", "remount,ro", folder);
        Try("frozen, accept", folder, journal.Accept);
        Try("frozen", folder, () => journal.Intend(Large(3)));
        Command.Run("mount", "-o", "remount,rw", folder);
        Try("thawed", folder, () => journal.Intend(Large(3)));
        Try("abandon", folder, journal.Abandon);
        File.WriteAllText(Path.Combine(folder, "desired.next.tmp"), "half");
        journal.Dispose();
        Command.Run("mount", "-o", "remount,ro", folder);
        using var next = new FileJournal(folder, new TextCodec(), TimeProvider.System);
        Try("frozen, next life", folder, () => next.Read());
        return 0;
    }

    private static FileJournal Start(string folder)
    {
        Command.Run("mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", folder);
        var journal = new FileJournal(folder, new TextCodec(), TimeProvider.System);
        journal.Read();
        journal.Intend(Large(1));
        journal.Accept();
        return journal;
    }

    private static Core.Model.Generations.Generation Large(ulong number) => TextCodec.Of(number, new string('x', 30_000));

    private static void FillUp(string path)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        try
        {
            for (var at = 0L; ; at += 4096)
            {
                RandomAccess.Write(file, new byte[4096], at);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static void Try(string when, string folder, Action action)
    {
        var result = "done";
        try
        {
            action();
        }
        catch (JournalException e)
        {
            result = $"{e.Failure.Reason} {e.Failure.Evidence.Replace(folder, "DISK", StringComparison.Ordinal)}";
        }

        var files = Directory.EnumerateFiles(folder).Select(Path.GetFileName).Where(n => n != "filler").Order(StringComparer.Ordinal);
        Console.WriteLine($"{when}: {result} [{string.Join(' ', files)}]");
    }
}
