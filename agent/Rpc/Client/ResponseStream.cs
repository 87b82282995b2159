using Cloudbr.Agent.Rpc.Framing;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>The responses of a call, read from its body as they are asked for: who does not read holds the server back.</summary>
internal sealed class ResponseStream<T> : IAsyncStreamReader<T>, IDisposable
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);

    private readonly ClientCall _call;
    private readonly Marshaller<T> _marshaller;
    private readonly Task<Stream?> _body;
    private readonly ReceiveBuffer _buffer;
    private readonly int _limit;

    private MessageDecoder? _decoder;
    private Task<bool>? _reading;
    private T? _current;

    public ResponseStream(ClientCall call, Task<Stream?> body, Marshaller<T> marshaller, int limit)
    {
        _call = call;
        _body = body;
        _marshaller = marshaller;
        _limit = limit;
        _buffer = new ReceiveBuffer(limit);
    }

    public T Current => _current ?? throw new InvalidOperationException("There is no current message; MoveNext has to return true first.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_reading is { IsCompleted: false })
        {
            return Task.FromException<bool>(new InvalidOperationException("The previous MoveNext is still under way; await it first."));
        }

        try
        {
            if (_call.StatusIfEnded is null && TryTake())
            {
                return True;
            }
        }
        catch (Exception e)
        {
            return Task.FromException<bool>(Fail(e));
        }

        var reading = MoveNextAsync(cancellationToken);
        _reading = reading.IsCompleted ? null : reading;
        return reading;
    }

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_call.StatusIfEnded is { } ended)
        {
            return EndOf(ended);
        }

        using var registration = cancellationToken.CanBeCanceled
            ? cancellationToken.UnsafeRegister(
                static call => ((ClientCall)call!).End(new Status(StatusCode.Cancelled, "reading was cancelled")), _call)
            : default;
        try
        {
            var body = await _body.ConfigureAwait(false);
            while (body is not null)
            {
                var read = await body.ReadAsync(_buffer.Space(), _call.Cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                _buffer.Filled(read);
                if (TryTake())
                {
                    return true;
                }
            }

            _call.EndWithTrailers(_buffer.IsEmpty ? null : "the server ended the stream in the middle of a message");
        }
        catch (Exception e)
        {
            throw Fail(e);
        }

        return EndOf(_call.Status);
    }

    public void Dispose()
    {
        _current = null;
        _buffer.Dispose();
        _decoder?.Dispose();
    }

    private bool TryTake()
    {
        if (!_buffer.TryTake(out var frame))
        {
            return false;
        }

        _decoder ??= new MessageDecoder(_call.ResponseEncoding, _limit);
        _current = _decoder.Decode(frame, _marshaller);
        return true;
    }

    private bool EndOf(Status status)
    {
        Dispose();
        return status.StatusCode == StatusCode.OK ? false : throw _call.Exception(status);
    }

    private RpcException Fail(Exception exception)
    {
        Dispose();
        return _call.Fail(exception);
    }
}
