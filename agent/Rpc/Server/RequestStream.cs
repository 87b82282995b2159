using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Cloudbr.Agent.Rpc.Framing;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>The requests of a call, read from its body as they are asked for: who does not read holds the caller back.</summary>
internal sealed class RequestStream<T>(PipeReader body, MessageDecoder decoder, Marshaller<T> marshaller, ServerCall? call = null)
    : IAsyncStreamReader<T>
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);

    // What was read and not used yet. While _holding, the pipe has not been told, so that the next message costs no read.
    private ReadOnlySequence<byte> _rest;
    private bool _holding;
    private bool _completed;
    private Task<bool>? _reading;
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message; MoveNext has to return true first.");

    /// <summary>Reads the one request of a unary or server-streaming call, and checks that it is the only one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<T> ReadSingleAsync(PipeReader body, MessageDecoder decoder, Marshaller<T> marshaller)
    {
        T? message = null;
        try
        {
            while (true)
            {
                var result = await body.ReadAsync().ConfigureAwait(false);
                if (result.IsCanceled)
                {
                    throw new CallerGoneException("The call ended before its message had arrived.");
                }

                var rest = result.Buffer;
                if (message is null && Frame.TryTake(ref rest, decoder.Limit, out var frame))
                {
                    message = decoder.Decode(frame, marshaller);
                }

                if (message is not null && !rest.IsEmpty)
                {
                    throw FrameException.Malformed("more follows the message of a call that takes only one");
                }

                body.AdvanceTo(rest.Start, rest.End);
                if (result.IsCompleted)
                {
                    return message ?? throw FrameException.Malformed(rest.IsEmpty
                        ? "the call ended without its message"
                        : "the call ended in the middle of its message");
                }
            }
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new CallerGoneException("The caller went away.", e);
        }
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        // Once the call is over, its pipe may serve another one.
        if (call?.Over is { } over)
        {
            return Task.FromException<bool>(over);
        }

        if (_reading is { IsCompleted: false })
        {
            return Task.FromException<bool>(new InvalidOperationException("The previous MoveNext is still under way; await it first."));
        }

        try
        {
            if (TryTake())
            {
                return True;
            }
        }
        catch (Exception e)
        {
            return Task.FromException<bool>(e);
        }

        var reading = MoveNextAsync(cancellationToken);
        _reading = reading.IsCompleted ? null : reading;
        return reading;
    }

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!_completed)
            {
                if (_holding)
                {
                    _holding = false;
                    body.AdvanceTo(_rest.Start, _rest.End);
                }

                var result = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (result.IsCanceled)
                {
                    throw call?.Over ?? (Exception)new CallerGoneException("The call ended while its messages were read.");
                }

                _rest = result.Buffer;
                _holding = true;
                _completed = result.IsCompleted;
                if (TryTake())
                {
                    return true;
                }
            }
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new CallerGoneException("The caller went away.", e);
        }

        _current = null;
        return _rest.IsEmpty ? false : throw FrameException.Malformed("the stream ended in the middle of a message");
    }

    private bool TryTake()
    {
        if (!_holding || !Frame.TryTake(ref _rest, decoder.Limit, out var frame))
        {
            return false;
        }

        _current = decoder.Decode(frame, marshaller);
        return true;
    }
}
