using System.IO.Compression;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>Message frames that lie, end early or hold what nobody can read.</summary>
internal sealed class MalformedMessageTests : HostileTests
{
    private const int Limit = 4 * 1024 * 1024;

    private static readonly byte[] Request = new SimpleRequest { ResponseSize = 10 }.ToByteArray();

    [Test]
    public async Task UnaryCall_WellFormedFrame_IsAnswered()
    {
        // The yardstick of this fixture: what it sends by hand is right when nothing is made wrong on purpose.
        var answer = await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Request));
        answer.AssertStatus(StatusCode.OK);
        Assert.That(SimpleResponse.Parser.ParseFrom(answer.Body.AsSpan(5)).Payload.Body, Has.Length.EqualTo(10));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(6)]
    public async Task UnaryCall_FrameThatEndsEarly_IsInternal(int bytes)
    {
        var answer = await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Request)[..bytes]);
        answer.AssertStatus(StatusCode.Internal);
    }

    [Test]
    public async Task StreamingInputCall_SecondFrameEndsEarly_IsInternal()
    {
        byte[] body = [.. RawClient.Frame([]), .. RawClient.Frame(new byte[10], length: 100)];
        (await Raw.SendAsync(RawClient.StreamingInputCall, body)).AssertStatus(StatusCode.Internal);
    }

    [Test]
    public async Task UnaryCall_TwoMessages_IsInternal() =>
        (await Raw.SendAsync(RawClient.UnaryCall, [.. RawClient.Frame(Request), .. RawClient.Frame(Request)]))
            .AssertStatus(StatusCode.Internal);

    [TestCase(2)]
    [TestCase(0x80)]
    [TestCase(0xff)]
    public async Task UnaryCall_UnknownFlag_IsInternal(byte flag) =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Request, flag))).AssertStatus(StatusCode.Internal);

    [TestCase("ffffffffffffffffffffff")]
    [TestCase("1aff01")]
    [TestCase("07")]
    public async Task UnaryCall_BytesThatAreNoMessage_IsInternal(string hex) =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Convert.FromHexString(hex))))
            .AssertStatus(StatusCode.Internal);

    [TestCase((uint)Limit + 1)]
    [TestCase((uint)int.MaxValue)]
    [TestCase((uint)int.MaxValue + 1)]
    [TestCase(uint.MaxValue)]
    public async Task UnaryCall_FrameThatPromisesTooMuch_IsResourceExhausted(uint length) =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Request, length: length)))
            .AssertStatus(StatusCode.ResourceExhausted);

    [Test]
    public async Task UnaryCall_MessageAboveTheLimit_IsResourceExhausted() =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(new byte[Limit + 1])))
            .AssertStatus(StatusCode.ResourceExhausted);

    [Test]
    public async Task UnaryCall_CompressedWithoutEncoding_IsInternal() =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Gzip(new MemoryStream(Request)), flag: 1)))
            .AssertStatus(StatusCode.Internal);

    [Test]
    public async Task UnaryCall_CompressedWithIdentity_IsInternal() =>
        (await Raw.SendAsync(
            RawClient.UnaryCall, RawClient.Frame(Gzip(new MemoryStream(Request)), flag: 1), ("grpc-encoding", "identity")))
            .AssertStatus(StatusCode.Internal);

    [Test]
    public async Task UnaryCall_UnknownEncoding_IsUnimplementedAndNamesTheKnownOnes()
    {
        var answer = await Raw.SendAsync(
            RawClient.UnaryCall, RawClient.Frame(Request, flag: 1), ("grpc-encoding", "made-up"));
        answer.AssertStatus(StatusCode.Unimplemented);
        Assert.That(answer.AcceptEncoding?.Split(','), Does.Contain("gzip").And.Contain("identity"));
    }

    [Test]
    public async Task UnaryCall_GzipThatIsNone_IsInternal() =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(Request, flag: 1), ("grpc-encoding", "gzip")))
            .AssertStatus(StatusCode.Internal);

    /// <summary>.NET's own gRPC compresses an empty message to nothing at all, so nothing is taken for one.</summary>
    [Test]
    public async Task UnaryCall_GzipOfNoBytes_IsAnEmptyMessage() =>
        (await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame([], flag: 1), ("grpc-encoding", "gzip"))).AssertStatus(StatusCode.OK);

    [TestCase(1)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(15)]
    public async Task UnaryCall_GzipThatEndsEarly_IsInternal(int missing)
    {
        var packed = Gzip(new MemoryStream(Request));
        var kept = packed.AsSpan(..(packed.Length - missing));
        var answer = await Raw.SendAsync(RawClient.UnaryCall, RawClient.Frame(kept, flag: 1), ("grpc-encoding", "gzip"));
        answer.AssertStatus(StatusCode.Internal);
    }

    [Test]
    public async Task UnaryCall_DecompressionBomb_IsResourceExhausted()
    {
        // A quarter of a gigabyte in less than a megabyte: below the limit as it comes, far above it when unpacked.
        var bomb = RawClient.Frame(Gzip(new ZeroStream(1L << 28)), flag: 1);
        Assert.That(bomb, Has.Length.LessThan(Limit));
        (await Raw.SendAsync(RawClient.UnaryCall, bomb, ("grpc-encoding", "gzip"))).AssertStatus(StatusCode.ResourceExhausted);
    }

    private static byte[] Gzip(Stream content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            content.CopyTo(gzip);
        }

        return packed.ToArray();
    }
}
