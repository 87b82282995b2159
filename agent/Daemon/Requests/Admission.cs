namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>What becomes of a request with an id.</summary>
internal abstract record Admission
{
    /// <summary>It is the first, or the one before was given up: it is made now.</summary>
    public sealed record Turn(AnswerTurn Mine) : Admission;

    /// <summary>It was made before, and this was the answer.</summary>
    public sealed record Answered(Answer Answer) : Admission;

    /// <summary>Another request has this id.</summary>
    public sealed record IdTaken(string Method) : Admission;
}
