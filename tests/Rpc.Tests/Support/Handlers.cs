using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>What the steered service does, method by method. Unless a test says otherwise, everything echoes.</summary>
internal sealed class Handlers
{
    public UnaryServerMethod<Note, Note> Unary { get; set; } = (request, _) => Task.FromResult(request);

    public ClientStreamingServerMethod<Note, Note> Upload { get; set; } = async (requests, _) =>
    {
        var count = 0;
        while (await requests.MoveNext())
        {
            count++;
        }

        return new Note { Number = count };
    };

    public ServerStreamingServerMethod<Note, Note> Download { get; set; } = async (request, responses, _) =>
    {
        for (var i = 0; i < request.Number; i++)
        {
            await responses.WriteAsync(new Note { Number = i, Data = request.Data });
        }
    };

    public DuplexStreamingServerMethod<Note, Note> Chat { get; set; } = async (requests, responses, _) =>
    {
        await foreach (var request in requests.ReadAllAsync())
        {
            await responses.WriteAsync(request);
        }
    };
}

internal sealed class SteeredService(Handlers handlers) : Steered.SteeredBase
{
    public override Task<Note> Unary(Note request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task<Note> Upload(IAsyncStreamReader<Note> requestStream, ServerCallContext context) =>
        handlers.Upload(requestStream, context);

    public override Task Download(Note request, IServerStreamWriter<Note> responseStream, ServerCallContext context) =>
        handlers.Download(request, responseStream, context);

    public override Task Chat(
        IAsyncStreamReader<Note> requestStream, IServerStreamWriter<Note> responseStream, ServerCallContext context) =>
        handlers.Chat(requestStream, responseStream, context);
}
