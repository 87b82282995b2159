using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Cloudbr.Agent.Rpc.Server;

internal sealed partial class ServerCall
{
    private const int Http2Cancel = 0x8;

    private DateTime _deadline = DateTime.MaxValue;
    private Timer? _deadlineTimer;
    private Task? _deadlineEnd;
    private CancellationTokenSource? _cancellation;

    protected override DateTime DeadlineCore => _deadline;

    protected override CancellationToken CancellationTokenCore
    {
        get
        {
            if (_deadlineTimer is null)
            {
                return _http.RequestAborted;
            }

            lock (_gate)
            {
                if (_cancellation is null)
                {
                    _cancellation = CancellationTokenSource.CreateLinkedTokenSource(_http.RequestAborted);
                    if (_deadlineEnd is not null)
                    {
                        _cancellation.Cancel();
                    }
                }

                return _cancellation.Token;
            }
        }
    }

    private void StartDeadline(string header)
    {
        if (!GrpcTimeout.TryParse(header, out var timeout))
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"grpc-timeout '{header}' is not at most eight digits and one of H, M, S, m, u, n"));
        }

        if (timeout <= TimeSpan.Zero)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "the deadline had passed before the call arrived"));
        }

        var now = DateTime.UtcNow;
        _deadline = timeout < DateTime.MaxValue - now ? now + timeout : DateTime.MaxValue;
        if (timeout <= GrpcTimeout.Longest)
        {
            _deadlineTimer = new Timer(static call => ((ServerCall)call!).OnDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _deadlineTimer.Change(timeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnDeadline()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _ended = true;
                _deadlineEnd = Task.Run(AnswerDeadlineAsync);
            }
        }
    }

    /// <summary>Answers the caller now, whatever the handler is doing, and tells the handler to stop.</summary>
    private async Task AnswerDeadlineAsync()
    {
        ServerLog.DeadlineExceeded(_settings.Log, _method.FullName, CallId);
        try
        {
            if (_write is { IsCompleted: false })
            {
                // The caller has stopped reading: a status would only queue behind what it does not take.
                _http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(Http2Cancel);
                StopHandler();
                return;
            }

            // Without the handler's trailers: it may be adding to them right now.
            WriteStatus(new Status(StatusCode.DeadlineExceeded, "the call's deadline has passed"));
            var answered = _http.Response.CompleteAsync();

            // A reset would overtake the answer, so a handler that waits for the caller is told by its own reader.
            _http.Request.BodyReader.CancelPendingRead();
            StopHandler();
            await answered.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ServerLog.DeadlineAnswerFailed(_settings.Log, e, _method.FullName, CallId);
        }
    }

    private void StopHandler()
    {
        CancellationTokenSource? cancellation;
        lock (_gate)
        {
            cancellation = _cancellation;
        }

        cancellation?.Cancel();
    }
}
