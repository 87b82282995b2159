using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Server;

/// <summary>The caller sends grpc-timeout and keeps no clock of its own, so every answer here is the server's doing.</summary>
internal sealed class DeadlineTests
{
    // Late enough that a busy machine has begun the call by then.
    private static readonly (string, string) Soon = ("grpc-timeout", "1S");
    private static readonly (string, string) Later = ("grpc-timeout", "3S");

    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public enum Kind
    {
        Unary,
        Upload,
        Download,
        Chat,
    }

    [Test]
    public async Task Deadline_HandlerThatIgnoresCancellation_IsAnsweredAllTheSame([Values] Kind kind)
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, context) => await StubbornAsync(context),
            Upload = async (requests, context) => await StubbornAsync(context),
            Download = async (request, responses, context) => await StubbornAsync(context),
            Chat = async (requests, responses, context) => await StubbornAsync(context),
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Path(kind), Frames.Of(new Note()), Soon);
        await _cancelled.Task.Guarded();
        _letGo.SetResult();

        Assert.That(answer.Status, Is.EqualTo("4"));
        Assert.That(answer.Body, Is.Empty);
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Deadline_HandlerThatStopsWhenTold_IsAnswered([Values] Kind kind)
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, context) => await ObedientAsync(context),
            Upload = async (requests, context) => await ObedientAsync(context),
            Download = async (request, responses, context) => await ObedientAsync(context),
            Chat = async (requests, responses, context) => await ObedientAsync(context),
        });
        using var raw = server.Raw();

        Assert.That((await raw.PostAsync(Path(kind), Frames.Of(new Note()), Soon)).Status, Is.EqualTo("4"));
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Deadline_AfterSomeMessages_FollowsThemInTheTrailers([Values] bool buffered)
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (request, responses, context) =>
            {
                responses.WriteOptions = new WriteOptions(buffered ? WriteFlags.BufferHint : default);
                await responses.WriteAsync(new Note { Number = 1 });
                await StubbornAsync(context);
            },
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Path(Kind.Download), Frames.Of(new Note()), Later);
        _letGo.SetResult();

        Assert.That(answer.Trailers.GetValueOrDefault("grpc-status"), Is.EqualTo("4"));
        Assert.That(answer.Body, Is.EqualTo(Frames.Of(new Note { Number = 1 })));
    }

    [Test]
    public async Task Deadline_WhileTheHandlerReads_EndsItsReading([Values(Kind.Upload, Kind.Chat)] Kind kind)
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Upload = async (requests, context) =>
            {
                await ReadToTheEndAsync(requests);
                return new Note();
            },
            Chat = async (requests, responses, context) => await ReadToTheEndAsync(requests),
        });
        using var raw = server.Raw();
        using var body = new OpenBody(Frames.Of(new Note()));

        using var response = await raw.SendAsync(Path(kind), body, Soon);
        await response.Content.CopyToAsync(Stream.Null).Guarded();
        await _cancelled.Task.Guarded();

        Assert.That(response.Headers.Concat(response.TrailingHeaders).Single(h => h.Key == "grpc-status").Value, Is.EqualTo(new[] { "4" }));
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Deadline_WhileAWriteWaitsForASlowReader_ResetsTheCall([Values(Kind.Download, Kind.Chat)] Kind kind)
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (request, responses, context) => await WriteForEverAsync(responses),
            Chat = async (requests, responses, context) => await WriteForEverAsync(responses),
        });
        using var raw = server.Raw();

        // Nobody reads the response before the handler was stopped.
        using var response = await raw.SendAsync(Path(kind), new ByteArrayContent(Frames.Of(new Note())), Later);
        await _cancelled.Task.Guarded();

        Assert.That(() => response.Content.CopyToAsync(Stream.Null).Guarded(), Throws.InstanceOf<HttpRequestException>().Or.InstanceOf<IOException>());
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Deadline_WhileASlowReaderHasNotTakenWhatWasWritten_LetsGoOfTheCallAndAnswersWhenItReads()
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers
            {
                Download = async (request, responses, context) =>
                {
                    // The first fits into the caller's window, the second waits for a flush that will not fit.
                    await responses.WriteAsync(new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[60_000]) });
                    responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
                    await responses.WriteAsync(new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[30_000]) });
                    written.SetResult();
                    await ObedientAsync(context);
                },
            },
            App = app =>
            {
                Microsoft.AspNetCore.Builder.UseExtensions.Use(app, async (context, next) =>
                {
                    await next(context);
                    ended.SetResult();
                });
                Microsoft.AspNetCore.Builder.GrpcEndpointRouteBuilderExtensions.MapGrpcService<SteeredService>(app);
            },
        });
        using var raw = server.Raw();

        using var response = await raw.SendAsync(Path(Kind.Download), new ByteArrayContent(Frames.Of(new Note())), Later);
        await written.Task.Guarded();
        await ended.Task.Guarded();
        await response.Content.CopyToAsync(Stream.Null).Guarded();

        Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(new[] { "4" }));
    }

    [Test]
    public async Task Deadline_WhileTheMessageIsStillArriving_IsAnswered([Values(Kind.Unary, Kind.Download)] Kind kind)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();
        using var body = new OpenBody(Frames.Header(100));

        using var response = await raw.SendAsync(Path(kind), body, Soon);

        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "4" }));
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task MoveNext_AfterTheDeadline_SaysSo()
    {
        var reads = new TaskCompletionSource<(Exception? First, Exception? Second)>();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Chat = async (requests, responses, context) =>
            {
                var first = await Caught(() => requests.MoveNext(CancellationToken.None));
                reads.SetResult((first, await Caught(() => requests.MoveNext(CancellationToken.None))));
            },
        });
        using var raw = server.Raw();
        using var body = new OpenBody([]);

        using var response = await raw.SendAsync(Path(Kind.Chat), body, Soon);
        var (first, second) = await reads.Task.Guarded();

        Assert.That((first as RpcException)?.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
        Assert.That((second as RpcException)?.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task Deadline_HandlerThatFailsAfterwards_IsLoggedOnceAsADefect()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, context) =>
            {
                await StubbornAsync(context);
                throw new InvalidOperationException("too late, and wrong");
            },
        });
        using (var raw = server.Raw())
        {
            Assert.That((await raw.PostAsync(Path(Kind.Unary), Frames.Of(new Note()), Soon)).Status, Is.EqualTo("4"));
            _letGo.SetResult();
        }

        await server.StopAsync().Guarded();
        Assert.That(server.Log.Entries.Single().Exception?.Message, Is.EqualTo("too late, and wrong"));
    }

    [Test]
    public async Task Write_AfterTheDeadline_SaysSo()
    {
        var write = new TaskCompletionSource<Exception?>();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (request, responses, context) =>
            {
                await StubbornAsync(context);
                write.SetResult(await Caught(() => responses.WriteAsync(new Note())));
            },
        });
        using var raw = server.Raw();

        await raw.PostAsync(Path(Kind.Download), Frames.Of(new Note()), Soon);
        _letGo.SetResult();

        Assert.That((await write.Task.Guarded() as RpcException)?.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task Deadline_InTheContext_IsWhatTheCallerAskedFor()
    {
        var seen = new List<DateTime>();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                seen.Add(context.Deadline);
                return Task.FromResult(request);
            },
        });
        using var raw = server.Raw();
        var before = DateTime.UtcNow;

        await raw.PostAsync(Path(Kind.Unary), Frames.Of(new Note()), ("grpc-timeout", "3H"));
        await raw.PostAsync(Path(Kind.Unary), Frames.Of(new Note()), ("grpc-timeout", "99999999H"));
        await raw.PostAsync(Path(Kind.Unary), Frames.Of(new Note()));

        Assert.That(seen[0], Is.InRange(before.AddHours(3), DateTime.UtcNow.AddHours(3)));
        Assert.That(seen[0].Kind, Is.EqualTo(DateTimeKind.Utc));
        Assert.That(seen[1], Is.GreaterThan(before.AddYears(1000)));
        Assert.That(seen[2], Is.EqualTo(DateTime.MaxValue));
    }

    private static string Path(Kind kind) => $"/cloudbr.rpc.tests.Steered/{kind}";

    private static async Task<Exception?> Caught(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Notes that the token fired and goes on until the test lets go.</summary>
    private async Task<Note> StubbornAsync(ServerCallContext context)
    {
        context.CancellationToken.Register(_cancelled.SetResult);
        await _letGo.Task;
        return new Note();
    }

    private static async Task<Note> ObedientAsync(ServerCallContext context)
    {
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
        return new Note();
    }

    private async Task ReadToTheEndAsync(IAsyncStreamReader<Note> requests)
    {
        try
        {
            while (await requests.MoveNext(CancellationToken.None))
            {
            }
        }
        finally
        {
            _cancelled.SetResult();
        }
    }

    private async Task WriteForEverAsync(IServerStreamWriter<Note> responses)
    {
        var note = new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) };
        try
        {
            while (true)
            {
                await responses.WriteAsync(note);
            }
        }
        finally
        {
            _cancelled.SetResult();
        }
    }
}
