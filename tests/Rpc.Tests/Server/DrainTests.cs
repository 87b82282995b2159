using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Server;

internal sealed class DrainTests
{
    [Test]
    public async Task Stop_WithCallsInFlight_LetsThemFinishAndTakesNoNewOnes()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, _) =>
            {
                begun.SetResult();
                await finish.Task;
                return request;
            },
        });
        using var channel = server.Channel(o => o.InitialReconnectBackoff = TimeSpan.FromMilliseconds(1));
        var client = new Steered.SteeredClient(channel);
        using var inFlight = client.UnaryAsync(new Note { Number = 7 });
        using var chat = client.Chat();
        await chat.RequestStream.WriteAsync(new Note { Number = 1 }).Guarded();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        await begun.Task.Guarded();

        var stopping = server.StopAsync();
        await UntilRefusedAsync(client);

        await chat.RequestStream.WriteAsync(new Note { Number = 2 }).Guarded();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        Assert.That(chat.ResponseStream.Current.Number, Is.EqualTo(2));
        Assert.That(stopping.IsCompleted, Is.False);

        await chat.RequestStream.CompleteAsync().Guarded();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
        finish.SetResult();
        Assert.That((await inFlight.ResponseAsync.Guarded()).Number, Is.EqualTo(7));
        await stopping.Guarded();
    }

    /// <summary>The server closes its door a moment after it was told to stop; from then on calls find nobody.</summary>
    private static async Task UntilRefusedAsync(Steered.SteeredClient client)
    {
        while (true)
        {
            try
            {
                using var call = client.Upload();
                await call.RequestStream.CompleteAsync().Guarded();
                await call.ResponseAsync.Guarded();
            }
            catch (RpcException e)
            {
                Assert.That(e.StatusCode, Is.EqualTo(StatusCode.Unavailable), e.Status.Detail);
                return;
            }
        }
    }
}
