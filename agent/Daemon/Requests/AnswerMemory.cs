using Cloudbr.Agent.Daemon.Logging;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>
/// Remembers how requests were answered, so that one that comes again after its answer was lost gets the same answer and changes nothing,
/// also after a restart. Of requests with one id one at a time has its turn; the others wait for what it comes to.
/// </summary>
internal sealed class AnswerMemory : IAsyncDisposable
{
    /// <summary>In the state folder.</summary>
    public const string FileName = "answers";

    /// <summary>When the agent stops, changes under way are over by then; this only ends a wait for a handler that hangs.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, AnswerTurn> _underWay = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly ILogger _log;
    private readonly AnswerShelf _shelf;
    private bool _isClosed;

    /// <param name="folder">The state folder, which need not be there yet.</param>
    /// <param name="log">Where an operator is told of trouble with the file.</param>
    /// <param name="limits">How much is remembered.</param>
    public AnswerMemory(string folder, ILogger log, AnswerLimits? limits = null)
    {
        _log = log;
        _shelf = new AnswerShelf(Path.Combine(folder, FileName), limits ?? new AnswerLimits(), log);
    }

    /// <summary>How many answers are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _shelf.Count;
            }
        }
    }

    /// <summary>
    /// Lets a request in: it has its turn, or there is an answer to it already. Waits as long as the same request is under way; cancelling
    /// gives up the waiting.
    /// </summary>
    public async Task<Admission> EnterAsync(string id, string method, Fingerprint request, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AnswerTurn first;
            lock (_gate)
            {
                if (_underWay.TryGetValue(id, out var underWay))
                {
                    if (underWay.Request != request)
                    {
                        return new Admission.IdTaken(underWay.Method);
                    }

                    first = underWay;
                }
                else if (Remembered(id, request) is { } known)
                {
                    if (known is Admission.Answered)
                    {
                        AnswerLog.CameAgain(_log, method, id);
                    }

                    return known;
                }
                else
                {
                    var turn = new AnswerTurn(this, id, method, request);
                    _underWay.Add(id, turn);
                    return new Admission.Turn(turn);
                }
            }

            if (await first.Ended.WaitAsync(cancellationToken) is { } answer)
            {
                AnswerLog.CameAgain(_log, method, id);
                return new Admission.Answered(answer);
            }

            // It was given up before anything was decided: whoever comes first takes its place.
        }
    }

    /// <summary>
    /// To be called when the dataplane has ended. The change that it still finished has nobody any more to be told to: just such an
    /// answer will be asked for again.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task[] last;
        lock (_gate)
        {
            last = [.. _underWay.Values.Select(t => t.Ended)];
        }

        await Task.WhenAll(last).WaitAsync(LastWait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _isClosed = true;
            _shelf.Dispose();
        }
    }

    internal void End(AnswerTurn turn, Answer? answer)
    {
        lock (_gate)
        {
            try
            {
                if (answer is not null && !_isClosed)
                {
                    _shelf.Add(new AnswerRecord(turn.Id, turn.Method, turn.Request, answer));
                }
            }
            finally
            {
                _underWay.Remove(turn.Id);
            }
        }
    }

    private Admission? Remembered(string id, Fingerprint request)
    {
        if (!_shelf.TryFind(id, out var first, out var method))
        {
            return null;
        }

        return first != request ? new Admission.IdTaken(method) : _shelf.Read(id) is { } answer ? new Admission.Answered(answer) : null;
    }
}
