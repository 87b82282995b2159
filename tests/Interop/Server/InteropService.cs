using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Server;

/// <summary>
/// The test service of the public interoperability description. Each method does what its request asks for: sizes, pauses,
/// compression, metadata to echo and the status to end with. UnimplementedCall is left to the generated base.
/// </summary>
internal sealed class InteropService : TestService.TestServiceBase
{
    private static readonly string ServerId = Guid.NewGuid().ToString();

    public override async Task<Empty> EmptyCall(Empty request, ServerCallContext context)
    {
        await Response.BeginAsync(context);
        return new Empty();
    }

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        Expectations.CheckCompression(request.ExpectCompressed, context);
        await Response.BeginAsync(context, compress: request.ResponseCompressed?.Value ?? false);
        Response.EndIfAsked(request.ResponseStatus);
        return new SimpleResponse
        {
            Payload = Zeros(request.ResponseType, request.ResponseSize),
            Username = request.FillUsername ? Expectations.ClientName(context) : "",
            ServerId = request.FillServerId ? ServerId : "",
            Hostname = Environment.MachineName,
        };
    }

    public override async Task<SimpleResponse> CacheableUnaryCall(SimpleRequest request, ServerCallContext context)
    {
        // A proxy may keep the answer for a minute, and can be told apart from us by the time within it.
        await context.WriteResponseHeadersAsync(new Metadata { { "cache-control", "max-age=60, public" } });
        var nanoseconds = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        return new SimpleResponse { Payload = new Payload { Body = ByteString.CopyFromUtf8($"{nanoseconds}") } };
    }

    public override async Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responses, ServerCallContext context)
    {
        await Response.BeginAsync(context, compress: AsksForCompression(request));
        Response.EndIfAsked(request.ResponseStatus);
        await AnswerAsync(request, responses, context);
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requests, ServerCallContext context)
    {
        await Response.BeginAsync(context);
        var total = 0;
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            Expectations.CheckCompression(request.ExpectCompressed, context);
            total += request.Payload?.Body.Length ?? 0;
        }

        return new StreamingInputCallResponse { AggregatedPayloadSize = total };
    }

    public override async Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requests,
        IServerStreamWriter<StreamingOutputCallResponse> responses,
        ServerCallContext context)
    {
        // The description asks for compressed messages only of StreamingOutputCall, where the headers can wait for the
        // request; here they cannot.
        await Response.BeginAsync(context);
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            Response.EndIfAsked(request.ResponseStatus);
            await AnswerAsync(request, responses, context);
        }
    }

    public override async Task HalfDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requests,
        IServerStreamWriter<StreamingOutputCallResponse> responses,
        ServerCallContext context)
    {
        await Response.BeginAsync(context);
        var all = new List<StreamingOutputCallRequest>();
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            all.Add(request);
        }

        foreach (var request in all)
        {
            Response.EndIfAsked(request.ResponseStatus);
            await AnswerAsync(request, responses, context);
        }
    }

    private static async Task AnswerAsync(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responses, ServerCallContext context)
    {
        foreach (var wanted in request.ResponseParameters)
        {
            if (wanted.IntervalUs > 0)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(wanted.IntervalUs), context.CancellationToken);
            }

            responses.WriteOptions = Response.OptionsFor(wanted.Compressed?.Value ?? false);
            await responses.WriteAsync(
                new StreamingOutputCallResponse { Payload = Zeros(request.ResponseType, wanted.Size) }, context.CancellationToken);
        }
    }

    private static bool AsksForCompression(StreamingOutputCallRequest request)
    {
        foreach (var wanted in request.ResponseParameters)
        {
            if (wanted.Compressed?.Value == true)
            {
                return true;
            }
        }

        return false;
    }

    private static Payload Zeros(PayloadType type, int size)
    {
        if (type != PayloadType.Compressable)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"response_type {(int)type} is not supported"));
        }

        if (size < 0)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"a response of {size} bytes is not possible"));
        }

        return new Payload { Type = type, Body = UnsafeByteOperations.UnsafeWrap(new byte[size]) };
    }
}
