namespace Cloudbr.Agent.Interop.Peers;

/// <summary>A server of grpc.testing.TestService in a process of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private const string Announcement = "LISTENING ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Child _child;

    private RunningServer(Child child, IReadOnlyList<ServerAddress> addresses)
    {
        _child = child;
        Address = addresses[0];
        Checking = addresses[^1];
    }

    public ServerAddress Address { get; }

    /// <summary>Where <c>expect_compressed</c> is checked: a second address where the first one cannot.</summary>
    public ServerAddress Checking { get; }

    public bool HasExited => _child.HasExited;

    public string Errors => _child.Errors;

    /// <summary>Resident memory now, in bytes.</summary>
    public long Memory => _child.Memory;

    /// <summary>Starts a server and waits until it says where it listens.</summary>
    public static async Task<RunningServer> StartAsync(string program, IEnumerable<string> arguments, Transport transport)
    {
        var child = Child.Start(program, arguments);
        using var limit = new CancellationTokenSource(StartLimit);
        var line = await child.ReadLineAsync(limit.Token);
        if (line is null || !line.StartsWith(Announcement, StringComparison.Ordinal))
        {
            await child.DisposeAsync();
            throw new InvalidOperationException($"{program} said '{line}' instead of where it listens\n{child.Errors}");
        }

        var addresses = line[Announcement.Length..].Split(' ').Select(text => new ServerAddress(text, transport));
        return new RunningServer(child, [.. addresses]);
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
