namespace Cloudbr.Agent.Daemon.Connections;

/// <summary>
/// Who is connected, and since when somebody no longer is. A peer that died without a word is noticed by the server's pings, see
/// where they are set.
/// </summary>
internal sealed class ConnectionTracker(TimeProvider time)
{
    /// <summary>So many who have left are remembered, the last.</summary>
    internal const int MostLost = 1024;

    private readonly Dictionary<string, Connections> _byIdentity = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>
    /// Tells whose connections have changed, on the thread that noticed. Two changes at once may be told in either order: ask how
    /// it is now.
    /// </summary>
    public event Action<string>? Changed;

    /// <summary>How it is with somebody now; no connections and never lost for one who was not here.</summary>
    public Connections this[string identity]
    {
        get
        {
            lock (_gate)
            {
                return _byIdentity.GetValueOrDefault(identity);
            }
        }
    }

    /// <summary>All who are connected.</summary>
    public IReadOnlyDictionary<string, int> Current
    {
        get
        {
            lock (_gate)
            {
                return _byIdentity.Where(c => c.Value.Open > 0).ToDictionary(c => c.Key, c => c.Value.Open, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>How long somebody has had no connection; null for who has one, or never had any.</summary>
    public TimeSpan? LostFor(string identity) => this[identity].LostAt is { } lost ? time.GetElapsedTime(lost) : null;

    /// <summary>A connection was made; it is lost when what is returned is disposed.</summary>
    public IDisposable Open(string identity)
    {
        lock (_gate)
        {
            _byIdentity[identity] = new Connections(_byIdentity.GetValueOrDefault(identity).Open + 1, null);
        }

        Changed?.Invoke(identity);
        return new Connection(this, identity);
    }

    private void Lose(string identity)
    {
        lock (_gate)
        {
            var left = _byIdentity[identity].Open - 1;
            _byIdentity[identity] = new Connections(left, left == 0 ? time.GetTimestamp() : null);
            if (left == 0)
            {
                ForgetOldest();
            }
        }

        Changed?.Invoke(identity);
    }

    private void ForgetOldest()
    {
        if (_byIdentity.Count <= MostLost)
        {
            return;
        }

        var lost = _byIdentity.Where(c => c.Value.LostAt is not null).ToList();
        if (lost.Count > MostLost)
        {
            _byIdentity.Remove(lost.MinBy(c => c.Value.LostAt!.Value).Key);
        }
    }

    /// <summary>How many connections somebody has, and if none, when the last was lost, by the monotonic clock.</summary>
    internal readonly record struct Connections(int Open, long? LostAt);

    private sealed class Connection(ConnectionTracker tracker, string identity) : IDisposable
    {
        private int _lost;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lost, 1) == 0)
            {
                tracker.Lose(identity);
            }
        }
    }
}
