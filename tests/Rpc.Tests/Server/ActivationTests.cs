using System.Collections.Concurrent;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Cloudbr.Agent.Rpc.Tests.Server;

/// <summary>Where the instance of a service comes from, and that it goes again.</summary>
internal sealed class ActivationTests
{
    private readonly ConcurrentQueue<string> _events = new();

    [TestCase(ServiceLifetime.Singleton, 1)]
    [TestCase(ServiceLifetime.Scoped, 3)]
    [TestCase(ServiceLifetime.Transient, 3)]
    [TestCase(null, 3)]
    public async Task Service_OfEachLifetime_IsMadeAsOftenAsItSaysAndDisposedOf(ServiceLifetime? lifetime, int instances)
    {
        await using (var server = await TestServer.StartAsync(new ServerSetup
        {
            Services = services =>
            {
                services.AddSingleton(_events);
                if (lifetime is { } l)
                {
                    services.Add(new ServiceDescriptor(typeof(CountingService), typeof(CountingService), l));
                }
            },
            App = app => app.MapGrpcService<CountingService>(),
        }))
        {
            using var channel = server.Channel();
            var client = new Steered.SteeredClient(channel);
            for (var i = 0; i < 3; i++)
            {
                await client.UnaryAsync(new Note()).ResponseAsync.Guarded();
            }

            await server.StopAsync().Guarded();
        }

        Assert.That(_events.Count(e => e == "made"), Is.EqualTo(instances));
        Assert.That(_events.Count(e => e == "disposed"), Is.EqualTo(instances));
        Assert.That(_events.Count(e => e == "called"), Is.EqualTo(3));
    }

    [Test]
    public async Task Method_ThatTheServiceDoesNotOverride_IsUnimplemented()
    {
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Services = services => services.AddSingleton(_events),
            App = app => app.MapGrpcService<CountingService>(),
        });
        using var channel = server.Channel();

        await Expect.FailureAsync(new Steered.SteeredClient(channel).Upload().ResponseAsync, StatusCode.Unimplemented);

        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public void Map_ClassThatIsNoService_FailsTheStart() =>
        Assert.That(
            () => TestServer.StartAsync(new ServerSetup { App = app => app.MapGrpcService<ActivationTests>() }),
            Throws.InvalidOperationException.With.Message.Contains(nameof(ActivationTests)));

    private sealed class CountingService : Steered.SteeredBase, IDisposable
    {
        private readonly ConcurrentQueue<string> _events;

        public CountingService(ConcurrentQueue<string> events)
        {
            _events = events;
            _events.Enqueue("made");
        }

        public override Task<Note> Unary(Note request, ServerCallContext context)
        {
            _events.Enqueue("called");
            return Task.FromResult(request);
        }

        public void Dispose() => _events.Enqueue("disposed");
    }
}
