using Cloudbr.Agent.Rpc.Framing;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>The requests of a call, one write at a time, each held back while the server does not read.</summary>
internal sealed class RequestStream<T>(ClientCall call, StreamingContent content, Marshaller<T> marshaller, int limit)
    : IClientStreamWriter<T>, IDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private readonly BufferedEncoder _encoder = new(limit);
    private Task _write = Task.CompletedTask;
    private bool _complete;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_gate)
        {
            if (CannotWrite() is { } refused)
            {
                return Task.FromException(refused);
            }

            var write = WriteCoreAsync(message, cancellationToken);
            return write.IsCompletedSuccessfully ? write : _write = write;
        }
    }

    public Task CompleteAsync()
    {
        lock (_gate)
        {
            if (_complete || call.StatusIfEnded is not null)
            {
                return Task.CompletedTask;
            }

            if (!_write.IsCompleted)
            {
                return Task.FromException(WriteUnderWay());
            }

            _complete = true;
            Dispose();
        }

        content.Complete();
        return Task.CompletedTask;
    }

    public void Dispose() => _encoder.Dispose();

    private async Task WriteCoreAsync(T message, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.CanBeCanceled
            ? cancellationToken.UnsafeRegister(
                static c => ((ClientCall)c!).End(new Status(StatusCode.Cancelled, "writing was cancelled")), call)
            : default;
        try
        {
            var flags = (WriteOptions ?? call.Options.WriteOptions)?.Flags ?? default;
            _encoder.Clear();
            _encoder.Encode(message, marshaller, call.Compress && (flags & WriteFlags.NoCompress) == 0);
            var stream = await content.Stream.ConfigureAwait(false);
            await stream.WriteAsync(_encoder.Written, call.Cancellation).ConfigureAwait(false);
            if ((flags & WriteFlags.BufferHint) == 0)
            {
                await stream.FlushAsync(call.Cancellation).ConfigureAwait(false);
            }
        }
        catch (FrameException)
        {
            // Nothing was sent of it; the call can go on.
            throw;
        }
        catch (Exception) when (call.StatusIfEnded is { } status)
        {
            throw call.Exception(status);
        }
        catch (Exception e)
        {
            // The server may have ended the call while this was being sent; the reader learns how. Until then this is all there is.
            throw new RpcException(TransportErrors.StatusOf(e));
        }
    }

    private Exception? CannotWrite() => this switch
    {
        _ when call.StatusIfEnded is { } status => call.Exception(status),
        { _complete: true } => new InvalidOperationException("The request stream was completed; nothing more can be written."),
        { _write.IsCompleted: false } => WriteUnderWay(),
        _ => null,
    };

    private static InvalidOperationException WriteUnderWay() => new("The previous write is still under way; await it first.");
}
