using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Cloudbr.Agent.Cli.Output;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Values of options, with words for those that are wrong.</summary>
internal static class Parsing
{
    public static IPEndPoint? EndPoint(ArgumentResult result)
    {
        var text = Text(result);
        if (IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0)
        {
            return endpoint;
        }

        result.AddError($"--insecure is '{text}'; give an address and a port, such as 127.0.0.1:9440.");
        return null;
    }

    public static OutputFormat Format(ArgumentResult result)
    {
        switch (Text(result))
        {
            case "text":
                return OutputFormat.Text;
            case "json":
                return OutputFormat.Json;
            case var other:
                result.AddError($"--output is '{other}'; choose text or json.");
                return default;
        }
    }

    /// <summary>Whether the agent takes it is for the agent to say; this is about what a contract can carry.</summary>
    public static TimeSpan? Seconds(ArgumentResult result)
    {
        var text = Text(result);
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds < TimeSpan.MaxValue.TotalSeconds / 2)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        result.AddError($"--interval is '{text}'; give seconds, such as 0.5 or 10.");
        return null;
    }

    public static int? Count(ArgumentResult result)
    {
        var text = Text(result);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            return count;
        }

        result.AddError($"--count is '{text}'; give a number from 1.");
        return null;
    }

    /// <summary>As people write it: 60s, 5m, 1h. Whether it is too short or too long is for the agent to say.</summary>
    public static TimeSpan? Duration(ArgumentResult result)
    {
        var text = Text(result);
        var seconds = text.Length == 0 ? 0 : text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => 0,
        };
        if (seconds > 0
            && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count * seconds < TimeSpan.MaxValue.TotalSeconds / 2)
        {
            return TimeSpan.FromSeconds(count * seconds);
        }

        result.AddError($"--confirm-within is '{text}'; give a time with its unit, such as 60s, 5m or 1h.");
        return null;
    }

    public static ulong? Generation(ArgumentResult result, string name)
    {
        var text = Text(result);
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
        {
            return generation;
        }

        result.AddError($"{name} is '{text}'; give the number of a generation, as history shows it.");
        return null;
    }

    public static Argument<ulong> GenerationArgument(string description) => new("GENERATION")
    {
        Description = description,
        CustomParser = r => Generation(r, "GENERATION") ?? 0,
    };

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
