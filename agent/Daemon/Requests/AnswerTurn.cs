namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>The time in which a request is made. It ends with an answer to be remembered, or without one: then it is as if it never was.</summary>
internal sealed class AnswerTurn(AnswerMemory memory, string id, string method, Fingerprint request) : IDisposable
{
    private readonly TaskCompletionSource<Answer?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOver;

    public string Id { get; } = id;

    public string Method { get; } = method;

    public Fingerprint Request { get; } = request;

    /// <summary>The answer, or null if nothing was decided.</summary>
    public Task<Answer?> Ended => _ended.Task;

    /// <summary>Remembers the answer, before it is sent, and hands it to those who wait for it.</summary>
    public void Answer(Answer answer) => End(answer);

    /// <summary>Without an answer before it: gives the turn up.</summary>
    public void Dispose() => End(null);

    private void End(Answer? answer)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        try
        {
            memory.End(this, answer);
        }
        finally
        {
            _ended.SetResult(answer);
        }
    }
}
