using Google.Protobuf;
using Spectre.Console;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>Prints answers, for people or for programs.</summary>
internal sealed class Printer(TextWriter output, OutputFormat format)
{
    private const int PipeWidth = 200;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <summary>The message as JSON, or what <paramref name="text"/> makes of it.</summary>
    public void Print(IMessage message, Action<Printer> text)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(Json.Format(message));
        }
        else
        {
            text(this);
        }

        output.Flush();
    }

    public void Line(string line) => output.WriteLine(line);

    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!console.Profile.Out.IsTerminal)
        {
            // A pipe has no width; wrapped cells would only be in the way of grep.
            console.Profile.Width = PipeWidth;
        }

        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap().PadLeft(0).PadRight(2));
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        console.Write(table);
    }
}
