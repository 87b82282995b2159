using Google.Protobuf;
using Spectre.Console;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>Prints answers, for people or for programs.</summary>
internal sealed class Printer(TextWriter output, OutputFormat format)
{
    /// <summary>Where there is no terminal there is no width; a cut or wrapped cell would only be in the way of grep.</summary>
    private const int NoWidth = 10_000;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private static readonly JsonFormatter Readable = new(JsonFormatter.Settings.Default.WithIndentation());

    /// <summary>Whether people read it.</summary>
    public bool IsText => format == OutputFormat.Text;

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

    /// <summary>A message to be read, edited and read back: over several lines, and without what is not set.</summary>
    public void Document(IMessage message) => output.WriteLine(Readable.Format(message));

    public void Line(string line) => output.WriteLine(line);

    /// <summary>Columns under their headings. On a narrow terminal the last one is wrapped.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = column != columns[^1], Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        using var rendered = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(rendered),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = Console.IsOutputRedirected ? NoWidth : Console.WindowWidth;
        console.Write(table);
        foreach (var line in rendered.ToString().TrimEnd().Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }
    }
}
