namespace Cloudbr.Agent.Interop.Server;

/// <summary>What the command line asks for.</summary>
internal sealed record ServerArguments
{
    public const string Usage =
        "usage: interop-server --port N | --unix PATH [--tls CERT KEY [--client-ca CA]] [--until-stdin-closes]";

    public int? Port { get; private init; }

    public string? Unix { get; private init; }

    public string? Certificate { get; private init; }

    public string? Key { get; private init; }

    public string? ClientCa { get; private init; }

    /// <summary>End with standard input, so that the server cannot outlive the process that started it.</summary>
    public bool UntilStdinCloses { get; private init; }

    /// <exception cref="ArgumentException">The command line is not of the form that <see cref="Usage"/> shows.</exception>
    public static ServerArguments Parse(IEnumerable<string> words)
    {
        var left = new Queue<string>(words);
        var arguments = new ServerArguments();
        while (left.TryDequeue(out var word))
        {
            arguments = word switch
            {
                "--port" => arguments with { Port = ParsePort(Value(word, left)) },
                "--unix" => arguments with { Unix = Value(word, left) },
                "--tls" => arguments with { Certificate = Value(word, left), Key = Value(word, left) },
                "--client-ca" => arguments with { ClientCa = Value(word, left) },
                "--until-stdin-closes" => arguments with { UntilStdinCloses = true },
                _ => throw new ArgumentException($"unknown argument {word}"),
            };
        }

        if (arguments.Port is null == arguments.Unix is null)
        {
            throw new ArgumentException("one of --port and --unix is needed");
        }

        if (arguments.ClientCa is not null && arguments.Certificate is null)
        {
            throw new ArgumentException("--client-ca needs --tls");
        }

        return arguments;
    }

    private static string Value(string option, Queue<string> left) =>
        left.TryDequeue(out var value) ? value : throw new ArgumentException($"{option} needs a value");

    private static int ParsePort(string text) =>
        ushort.TryParse(text, out var port) ? port : throw new ArgumentException($"{text} is not a port");
}
