namespace Cloudbr.Agent.Dataplane.Drifts;

/// <summary>
/// How often what was healed, by whose it is. What somebody else changes as fast as the agent heals it is left for a while, and longer
/// each time, instead of a storm; the same for what cannot be healed.
/// </summary>
internal sealed class HealLedger(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestFightPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestRetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>When the next one that is held back may be tried again; null if none is.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            TimeSpan? next = null;
            foreach (var account in _accounts.Values)
            {
                if (account.HeldSince is { } since)
                {
                    var left = account.Pause - time.GetElapsedTime(since);
                    next = next is null || left < next ? left : next;
                }
            }

            return next;
        }
    }

    /// <summary>Those that are left for now.</summary>
    public IEnumerable<string> Held => _accounts.Where(a => IsHeld(a.Value)).Select(a => a.Key);

    /// <summary>Those that were left, and may be tried again; they are not held any more.</summary>
    public List<string> TakeDue()
    {
        var due = new List<string>();
        foreach (var (owner, account) in _accounts)
        {
            if (account.HeldSince is not null && !IsHeld(account))
            {
                account.HeldSince = null;
                due.Add(owner);
            }
        }

        return due;
    }

    /// <summary>Something of this owner's was healed. True if that was once too often: it is left from now on.</summary>
    public bool Healed(string owner, int mostPerMinute)
    {
        var account = Of(owner);
        var now = time.GetTimestamp();
        while (account.Heals.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) > Window)
        {
            account.Heals.Dequeue();
        }

        account.Heals.Enqueue(now);
        if (account.Heals.Count < mostPerMinute)
        {
            return false;
        }

        account.Heals.Clear();
        account.IsFight = true;
        Hold(account, ShortestFightPause);
        return true;
    }

    /// <summary>It could not be healed: it is tried again later.</summary>
    public void Failed(string owner) => Hold(Of(owner), ShortestRetryPause);

    /// <summary>
    /// What is as desired and was not healed for a while is forgiven. Returns those whose fight is over.
    /// </summary>
    public List<string> Forgive(Func<string, bool> isAsDesired)
    {
        var over = new List<string>();
        foreach (var (owner, account) in _accounts.ToList())
        {
            var isQuiet = account.Heals.Count == 0 || time.GetElapsedTime(account.Heals.Last()) > Window;
            if (account.HeldSince is null && isQuiet && isAsDesired(owner))
            {
                _accounts.Remove(owner);
                if (account.IsFight)
                {
                    over.Add(owner);
                }
            }
        }

        return over;
    }

    private void Hold(Account account, TimeSpan shortest)
    {
        var doubled = account.Pause * 2;
        account.Pause = doubled < shortest ? shortest : doubled > LongestPause ? LongestPause : doubled;
        account.HeldSince = time.GetTimestamp();
    }

    private bool IsHeld(Account account) => account.HeldSince is { } since && time.GetElapsedTime(since) < account.Pause;

    private Account Of(string owner)
    {
        if (!_accounts.TryGetValue(owner, out var account))
        {
            _accounts[owner] = account = new Account();
        }

        return account;
    }

    private sealed class Account
    {
        public Queue<long> Heals { get; } = new();

        public TimeSpan Pause { get; set; }

        public long? HeldSince { get; set; }

        public bool IsFight { get; set; }
    }
}
