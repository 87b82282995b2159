using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// Answers question after question for as long as a tool asks. It may keep the stream open for ever; when the agent stops the
/// stream ends, so that nobody waits for it.
/// </summary>
internal sealed class ReflectionStream(IHostApplicationLifetime lifetime)
{
    public async Task AnswerAsync<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> questions, IServerStreamWriter<TResponse> answers, Func<TRequest, TResponse> answer, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var question in questions.ReadAllAsync(ending.Token))
            {
                await answers.WriteAsync(answer(question));
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Refusal.Stopping();
        }
    }
}
