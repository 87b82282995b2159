using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Requests;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// A request that comes again with its id gets its first answer. It is looked for before anything of the request is checked: what was right
/// then may be wrong now, for the host has changed, by this very request for one.
/// </summary>
internal sealed class AnswerInterceptor(AnswerMemory memory) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (IdOf(request) is not { } id)
        {
            return await continuation(request, context);
        }

        var name = MethodNames.Short(context.Method);
        var fingerprint = Fingerprint.Of(context.Method, (IMessage)request);
        switch (await memory.EnterAsync(id, name, fingerprint, context.CancellationToken))
        {
            case Admission.Answered { Answer: MessageAnswer answer }:
                return Parse<TResponse>(answer);
            case Admission.Answered { Answer: StatusAnswer answer }:
                throw ToException(answer);
            case Admission.IdTaken { Method: var first }:
                throw Refusal.InvalidArgument([new Violation(
                    "change.request_id", $"'{id}' is the id of another request already, one for {first}; each request has an id of its own")]);
            case Admission.Turn { Mine: var turn }:
                using (turn)
                {
                    return await MakeAsync(turn, request, context, continuation);
                }

            default:
                throw new InvalidOperationException("The memory of answers knows neither the request nor its turn.");
        }
    }

    private static async Task<TResponse> MakeAsync<TRequest, TResponse>(
        AnswerTurn turn, TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            var response = await continuation(request, context);
            if (Decision.IsMade(context))
            {
                turn.Answer(new MessageAnswer(((IMessage)response).ToByteArray()));
            }

            return response;
        }
        catch (RpcException e) when (Decision.IsMade(context))
        {
            turn.Answer(ToAnswer(e));
            throw;
        }
    }

    /// <summary>The id under which the answer is remembered; null if it is not, or if the id is none and will be refused.</summary>
    private static string? IdOf<TRequest>(TRequest request)
    {
        if (request is not IMessage message || ChangeOf<TRequest>.In(message) is not { DryRun: false } options)
        {
            return null;
        }

        return ChangeOptionRules.IsRequestId(options.RequestId) ? options.RequestId : null;
    }

    private static TResponse Parse<TResponse>(MessageAnswer answer)
        where TResponse : class
    {
        var response = (IMessage)Activator.CreateInstance<TResponse>();
        response.MergeFrom(answer.Message.Span);
        return (TResponse)response;
    }

    private static StatusAnswer ToAnswer(RpcException exception) => new(
        (int)exception.StatusCode,
        exception.Status.Detail,
        [.. exception.Trailers.Select(t => new AnswerTrailer(t.Key, t.ValueBytes))]);

    private static RpcException ToException(StatusAnswer answer)
    {
        var trailers = new Metadata();
        foreach (var trailer in answer.Trailers)
        {
            trailers.Add(trailer.Key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal)
                ? new Metadata.Entry(trailer.Key, trailer.Value.ToArray())
                : new Metadata.Entry(trailer.Key, System.Text.Encoding.ASCII.GetString(trailer.Value.Span)));
        }

        return new RpcException(new Status((StatusCode)answer.Code, answer.Detail), trailers);
    }

    /// <summary>The options of a change stand in field 1 of every request that is one.</summary>
    private static class ChangeOf<TRequest>
    {
        private static readonly FieldDescriptor? Field =
            (Activator.CreateInstance<TRequest>() as IMessage)?.Descriptor.FindFieldByNumber(1) is { FieldType: FieldType.Message } field
            && field.MessageType == ChangeOptions.Descriptor && !field.IsRepeated && field.ContainingOneof is null
                ? field
                : null;

        public static ChangeOptions? In(IMessage request) => Field?.Accessor.GetValue(request) as ChangeOptions;
    }
}
