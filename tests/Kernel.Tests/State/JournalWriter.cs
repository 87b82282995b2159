using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Tests.Journal;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>A process that changes its desired state without end and says each time how far it is, until it is killed.</summary>
internal static class JournalWriter
{
    public static int Run(string state)
    {
        using var journal = new FileJournal(state, new TextCodec(), TimeProvider.System);
        var reading = journal.Read();
        if (reading.Begun is not null)
        {
            journal.Accept();
        }

        var last = (reading.Begun ?? reading.InForce)?.Number ?? 0;
        journal.KeepTerm(last);
        var output = Console.OpenStandardOutput();
        for (var number = last + 1; ; number++)
        {
            journal.Intend(TextCodec.Of(number, new string('x', 20_000)));
            Say("begun");
            journal.Accept();
            Say("accepted");
            journal.KeepTerm(number);
            Say("term");

            // One write for each line: nothing is told that is still in a buffer when the end comes.
            void Say(string what) => output.Write(System.Text.Encoding.ASCII.GetBytes($"{what} {number}.\n"));
        }
    }
}
