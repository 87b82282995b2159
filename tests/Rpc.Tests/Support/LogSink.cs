using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Rpc.Tests.Support;

internal sealed record LogEntry(LogLevel Level, EventId Id, string Text, Exception? Exception);

/// <summary>Keeps what a server logs at warning and above, which is what operators would be troubled with.</summary>
internal sealed class LogSink : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _entries.Enqueue(new LogEntry(logLevel, eventId, formatter(state, exception), exception));
        }
    }

    public void Dispose()
    {
    }
}
