namespace Cloudbr.Agent.Rpc.Server;

/// <summary>
/// The caller went away while its messages were read: a cancellation, and no failure of the handler. The context's token says
/// so too, but maybe a moment later; an OperationCanceledException of another kind is the handler's own.
/// </summary>
internal sealed class CallerGoneException(string message, Exception? innerException = null)
    : OperationCanceledException(message, innerException);
