using System.Collections.Concurrent;
using System.Text.Json;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>
/// A foreign client program that runs all cases in one process, because starting it takes longer than the cases, and prints
/// one line of JSON for each. Each line becomes the result of one test.
/// </summary>
internal sealed class ForeignClient : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Child _child;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Result>> _results = new();
    private readonly Task _reading;

    private ForeignClient(Child child)
    {
        _child = child;
        _reading = ReadAsync();
    }

    public static ForeignClient Start(string program, IEnumerable<string> arguments, string? folder = null) =>
        new(Child.Start(program, arguments, folder));

    public static string[] TlsArguments(Transport transport) => transport switch
    {
        Transport.Tls => ["--ca", TestCertificates.Ca],
        Transport.MutualTls =>
            ["--ca", TestCertificates.Ca, "--cert", TestCertificates.Client, "--key", TestCertificates.ClientKey],
        _ => [],
    };

    /// <summary>The result of a case, when the program has come to it, or why it will never come.</summary>
    public async Task<Result> ResultAsync(string name, CancellationToken cancellationToken)
    {
        var result = ResultOf(name).Task;
        await Task.WhenAny(result, _reading).WaitAsync(cancellationToken);
        if (result.IsCompleted)
        {
            return await result;
        }

        var code = await _child.ExitAsync().WaitAsync(cancellationToken);
        return new Result(name, false, $"the client ended with {code} without a word on this case\n{_child.Errors}");
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();

    private async Task ReadAsync()
    {
        while (await _child.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var result = JsonSerializer.Deserialize<Result>(line, Json)!;
            ResultOf(result.Case).SetResult(result);
        }
    }

    private TaskCompletionSource<Result> ResultOf(string name) =>
        _results.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    internal sealed record Result(string Case, bool Ok, string Error);
}
