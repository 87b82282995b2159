using System.Net;
using Cloudbr.Agent.Rpc.Tests.Support;
using Google.Protobuf;

namespace Cloudbr.Agent.Rpc.Tests.Server;

/// <summary>Requests that a well-behaved client would not make, each ending in a clear answer and a living server.</summary>
internal sealed class RefusedRequestTests
{
    private const string Unary = "/cloudbr.rpc.tests.Steered/Unary";
    private const string Upload = "/cloudbr.rpc.tests.Steered/Upload";
    private const string Download = "/cloudbr.rpc.tests.Steered/Download";
    private const string Chat = "/cloudbr.rpc.tests.Steered/Chat";

    private static readonly Note Hello = new() { Text = "hello", Number = 1 };

    [TestCase("/cloudbr.rpc.tests.Steered/Nothing")]
    [TestCase("/cloudbr.rpc.tests.steered/unary")]
    [TestCase("/nobody.Home/Unary")]
    [TestCase("/")]
    public async Task Call_UnknownServiceOrMethod_IsUnimplemented(string path)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(path, Frames.Of(Hello));

        Assert.That(answer.Status, Is.EqualTo("12"));
        Assert.That(answer.Message, Does.Contain(path));
        Assert.That(answer.Http, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Body, Is.Empty);
    }

    [Test]
    public async Task Call_OtherContentType_Is415([Values(Unary, "/nobody.Home/Unary")] string path)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(path, Frames.Of(Hello), ("content-type", "application/json"));

        Assert.That(answer.Http, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(answer.Status, Is.Null);
    }

    [Test]
    public async Task Call_ContentTypeWithSuffix_IsServed()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Unary, Frames.Of(Hello), ("content-type", "application/grpc+proto"));

        Assert.That(answer.Status, Is.EqualTo("0"));
        Assert.That(answer.Body, Is.EqualTo(Frames.Of(Hello)));
        Assert.That(answer.Headers["content-type"], Is.EqualTo("application/grpc"));
    }

    public static IEnumerable<TestCaseData> MalformedBodies()
    {
        (string Name, byte[] Body)[] bodies =
        [
            ("bad flag byte", [7, 0, 0, 0, 0]),
            ("half a header", [0, 0]),
            ("half a message", Frames.Of(Hello)[..^1]),
            ("header without message", Frames.Header(5)),
            ("no protobuf", Frames.Of([0xff, 0xff, 0xff])),
            ("compressed without an encoding", Frames.Of(Frames.Gzipped(Hello.ToByteArray()), compressed: true)),
            ("noise", [9, .. Frames.Noise(50_000)]),
        ];
        foreach (var path in new[] { Unary, Upload, Download, Chat })
        {
            foreach (var (name, body) in bodies)
            {
                yield return new TestCaseData(path, body).SetArgDisplayNames(path[(path.LastIndexOf('/') + 1)..], name);
            }
        }
    }

    [TestCaseSource(nameof(MalformedBodies))]
    public async Task Call_MalformedBody_IsInternal(string path, byte[] body)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(path, body);

        Assert.That(answer.Status, Is.EqualTo("13"), answer.Message);
        Assert.That(server.Log.Entries, Is.Empty, "a caller's mistake is no defect");
        Assert.That((await raw.PostAsync(Unary, Frames.Of(Hello))).Status, Is.EqualTo("0"));
    }

    [Test]
    public async Task Call_TwoMessagesWhereOneIsTaken_IsInternal([Values(Unary, Download)] string path)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(path, [.. Frames.Of(Hello), .. Frames.Of(Hello)]);

        Assert.That(answer.Status, Is.EqualTo("13"));
        Assert.That(answer.Message, Does.Contain("only one"));
    }

    [Test]
    public async Task Call_NoMessageWhereOneIsNeeded_IsInternal([Values(Unary, Download)] string path)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(path, []);

        Assert.That(answer.Status, Is.EqualTo("13"));
        Assert.That(answer.Message, Does.Contain("without its message"));
    }

    [Test]
    public async Task Call_NoMessagesInAStream_IsServed()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        Assert.That((await raw.PostAsync(Upload, [])).Status, Is.EqualTo("0"));
        Assert.That((await raw.PostAsync(Chat, [])).Status, Is.EqualTo("0"));
    }

    [Test]
    public async Task Call_LengthBeyondTheLimit_IsResourceExhausted([Values(Unary, Upload, Download, Chat)] string path)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(path, Frames.Header(uint.MaxValue));

        Assert.That(answer.Status, Is.EqualTo("8"));
        Assert.That(answer.Message, Does.Contain("4294967295").And.Contain("4194304"));
    }

    [Test]
    public async Task Call_GzipBomb_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Unary, Frames.Of(Frames.Gzipped(new byte[16 << 20]), compressed: true), ("grpc-encoding", "gzip"));

        Assert.That(answer.Status, Is.EqualTo("8"));
    }

    [Test]
    public async Task Call_UnknownEncoding_IsUnimplementedAndToldWhatIsKnown([Values("snappy", "gzip, snappy")] string encoding)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Unary, Frames.Of(Hello), ("grpc-encoding", encoding));

        Assert.That(answer.Status, Is.EqualTo("12"));
        Assert.That(answer.Headers["grpc-accept-encoding"], Is.EqualTo("identity,gzip"));
    }

    [Test]
    public async Task Call_MalformedTimeout_IsInternal([Values("soon", "1", "123456789S", "-1S")] string timeout)
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Unary, Frames.Of(Hello), ("grpc-timeout", timeout));

        Assert.That(answer.Status, Is.EqualTo("13"));
        Assert.That(answer.Message, Does.Contain(timeout));
    }

    [Test]
    public async Task Call_TimeoutOfNothing_IsDeadlineExceeded()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var raw = server.Raw();

        Assert.That((await raw.PostAsync(Unary, Frames.Of(Hello), ("grpc-timeout", "0n"))).Status, Is.EqualTo("4"));
    }

    [Test]
    public async Task Call_BinaryHeaderThatIsNoBase64_IsInternalWhenRead()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) => Task.FromResult(new Note { Number = context.RequestHeaders.Count }),
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Unary, Frames.Of(Hello), ("key-bin", "!!!"));

        Assert.That(answer.Status, Is.EqualTo("13"));
        Assert.That(answer.Message, Does.Contain("key-bin"));
    }

    [Test]
    public async Task Call_HeaderWhoseNameIsNoMetadataKey_IsServedWithoutIt()
    {
        string[] keys = [];
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                keys = [.. context.RequestHeaders.Select(e => e.Key)];
                return Task.FromResult(request);
            },
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Unary, Frames.Of(Hello), ("x!odd", "1"), ("x-plain", "2"));

        Assert.That(answer.Status, Is.EqualTo("0"), answer.Message);
        Assert.That(keys, Does.Contain("x-plain").And.Not.Contain("x!odd"));
    }
}
