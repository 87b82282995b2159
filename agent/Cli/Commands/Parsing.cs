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

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
