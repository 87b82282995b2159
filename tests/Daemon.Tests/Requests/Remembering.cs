using Cloudbr.Agent.Daemon.Requests;
using Cloudbr.Agent.Testing;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Daemon.Tests.Requests;

/// <summary>A state folder, and memories of answers that follow one another in it, with all that they logged.</summary>
internal sealed class Remembering : ILogger, IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _directory = new();
    private AnswerMemory? _memory;

    public AnswerLimits Limits { get; set; } = new();

    public List<(LogLevel Level, string Text)> Log { get; } = [];

    public string Folder => _directory["state"];

    public string File => Path.Combine(Folder, AnswerMemory.FileName);

    public AnswerMemory Memory => _memory ??= new AnswerMemory(Folder, this, Limits);

    /// <summary>As after a restart of the agent.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _ = Memory;
    }

    /// <summary>Ends the agent, for somebody to do something to its file.</summary>
    public async Task StopAsync()
    {
        if (_memory is not null)
        {
            await _memory.DisposeAsync();
        }

        _memory = null;
    }

    public Task<Admission> EnterAsync(string id, string method = "A/B", CancellationToken cancellation = default) =>
        Memory.EnterAsync(id, method, Request(id, method), cancellation).WaitAsync(Limit, CancellationToken.None);

    /// <summary>A request that has its turn and gets this answer.</summary>
    public async Task AnswerAsync(string id, Answer answer)
    {
        var admission = await EnterAsync(id);
        using var turn = ((Admission.Turn)admission).Mine;
        turn.Answer(answer);
    }

    /// <summary>What the request gets that comes again; null if it would be made.</summary>
    public async Task<Answer?> AskAsync(string id)
    {
        var admission = await EnterAsync(id);
        if (admission is Admission.Turn { Mine: var turn })
        {
            turn.Dispose();
            return null;
        }

        return ((Admission.Answered)admission).Answer;
    }

    public static MessageAnswer Message(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    public static byte[]? BytesOf(Answer? answer) => (answer as MessageAnswer)?.Message.ToArray();

    public static Fingerprint Request(string id, string method) =>
        Fingerprint.Of(method, new V1.ShutdownRequest { Change = new V1.ChangeOptions { RequestId = id } });

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Log)
        {
            Log.Add((logLevel, formatter(state, exception)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }
}
