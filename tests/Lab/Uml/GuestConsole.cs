using System.Text;

namespace Cloudbr.Agent.Lab.Uml;

/// <summary>Everything a guest printed on its console, kept for the one who must understand a failure.</summary>
public sealed class GuestConsole
{
    private const int TailLines = 150;
    private readonly StringBuilder _text = new();
    private readonly Lock _lock = new();

    public string Text
    {
        get
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>The end of it, in a frame, for failure messages.</summary>
    public string Report()
    {
        var lines = Text.TrimEnd().Split('\n');
        var tail = string.Join('\n', lines.TakeLast(TailLines));
        return $"--- the guest's console{(lines.Length > TailLines ? $", last {TailLines} of {lines.Length} lines" : "")}\n{tail}\n---";
    }

    /// <summary>Takes in a stream until it ends.</summary>
    internal async Task CollectAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            // The guest's terminal ends lines with more than one character, which reads as empty lines in between.
            if (line.Length == 0)
            {
                continue;
            }

            lock (_lock)
            {
                _text.Append(line).Append('\n');
            }
        }
    }
}
