using Cloudbr.Agent.Linux.Systemd;

namespace Cloudbr.Agent.Daemon.Logging;

/// <summary>Logs into journald with fields: <c>journalctl CLOUDBR_EVENT_ID=2001</c>.</summary>
internal sealed class JournalLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new JournalLogger(categoryName);

    public void Dispose()
    {
    }

    private sealed class JournalLogger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var message = formatter(state, exception);
            var fields = new List<KeyValuePair<string, string>>(8)
            {
                new("MESSAGE", exception is null ? message : $"{message}\n{exception}"),
                new("PRIORITY", Priority(logLevel)),
                new("SYSLOG_IDENTIFIER", "cloudbr-agent"),
                new("CLOUDBR_EVENT_ID", eventId.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                new("CLOUDBR_AREA", category),
            };
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
            {
                foreach (var (name, value) in values)
                {
                    if (name != "{OriginalFormat}" && value is not null)
                    {
                        fields.Add(new(Journal.FieldName(name), value.ToString() ?? ""));
                    }
                }
            }

            if (!Journal.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fields)))
            {
                // journald is being restarted, perhaps. Standard error goes to it too, by another way.
                Console.Error.WriteLine(message);
            }
        }

        /// <summary>The levels of syslog.</summary>
        private static string Priority(LogLevel level) => level switch
        {
            LogLevel.Critical => "2",
            LogLevel.Error => "3",
            LogLevel.Warning => "4",
            LogLevel.Information => "6",
            _ => "7",
        };
    }
}
