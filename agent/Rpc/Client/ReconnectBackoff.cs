using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>
/// After a failed connection attempt nobody tries again for a while, longer each time: a server that comes back is not met by
/// a stampede, and calls in between fail at once instead of each running into the same wall. Jittered, so that the clients of
/// one server do not return in step.
/// </summary>
internal sealed class ReconnectBackoff(TimeSpan initial, TimeSpan? maximum, TimeProvider time)
{
    private const double Multiplier = 1.6;
    private const double Jitter = 0.2;

    private readonly Lock _gate = new();
    private TimeSpan? _next;
    private long _until;
    private bool _failed;
    private Exception? _cause;

    /// <summary>Changes with each failed attempt, so that the calls which shared one count it once.</summary>
    public int Attempt { get; private set; }

    /// <summary>How long no attempt is made; zero when one may be.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (!_failed)
            {
                return TimeSpan.Zero;
            }

            lock (_gate)
            {
                var remaining = time.GetElapsedTime(time.GetTimestamp(), _until);
                return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
            }
        }
    }

    public Status Status()
    {
        lock (_gate)
        {
            return new Status(
                StatusCode.Unavailable,
                $"the server could not be reached ({_cause?.Message}); no new attempt for another {Remaining.TotalSeconds:0.0} s",
                _cause);
        }
    }

    public void Failed(int attempt, Exception cause)
    {
        lock (_gate)
        {
            if (attempt != Attempt)
            {
                return;
            }

            Attempt++;
            _cause = cause;
            var next = _next ?? (initial < maximum || maximum is null ? initial : maximum.Value);
            var pause = next * (1 + (Jitter * ((2 * Random.Shared.NextDouble()) - 1)));
            _until = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency);
            next *= Multiplier;
            _next = next < maximum || maximum is null ? next : maximum;
            _failed = true;
        }
    }

    public void Succeeded()
    {
        if (!_failed)
        {
            return;
        }

        lock (_gate)
        {
            _failed = false;
            _next = null;
            _cause = null;
        }
    }
}
