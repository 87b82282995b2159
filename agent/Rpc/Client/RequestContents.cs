// The two bodies that a request can have.

using System.Net;
using System.Net.Http.Headers;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Protocol;

namespace Cloudbr.Agent.Rpc.Client;

internal abstract class RequestContent : HttpContent
{
    private static readonly MediaTypeHeaderValue GrpcContentType = new(GrpcHeaders.ContentType);

    protected RequestContent() => Headers.ContentType = GrpcContentType;

    /// <summary>The call has ended; nothing more is to be sent.</summary>
    public abstract void CallEnded();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>One message, serialized beforehand: the transport may send it more than once, when a connection was lost too early.</summary>
internal sealed class SingleContent(BufferedEncoder encoder) : RequestContent
{
    // The call, and each sending under way. A call can end while the transport is still sending; the buffer goes back to its
    // pool only when nobody reads it any more.
    private int _users = 1;

    public override void CallEnded() => Leave();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!TryJoin())
        {
            throw new OperationCanceledException("The call has ended.");
        }

        try
        {
            await stream.WriteAsync(encoder.Written, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    private bool TryJoin()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            encoder.Dispose();
        }
    }
}

/// <summary>A stream of messages: hands the transport's stream to the writer, and ends when the writer or the call does.</summary>
internal sealed class StreamingContent : RequestContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where to write, once the request is under way. Cancelled if the call ends before.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Whether the caller has sent all that it had.</summary>
    public bool IsComplete { get; private set; }

    public void Complete()
    {
        IsComplete = true;
        _complete.TrySetResult();
    }

    public override void CallEnded()
    {
        _stream.TrySetCanceled();
        _complete.TrySetResult();
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Sends the headers now: the server may have something to say before the first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!_stream.TrySetResult(stream) && !_stream.Task.IsCanceled)
        {
            throw new IOException("The connection was lost after the stream had begun; a stream cannot be sent twice.");
        }

        await _complete.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
