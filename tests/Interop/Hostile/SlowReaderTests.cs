using Google.Protobuf;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>A client that asks for much and reads nothing: the server waits for it instead of keeping it all in memory.</summary>
internal sealed class SlowReaderTests : HostileTests
{
    private const int Calls = 8;
    private const int Responses = 2000;
    private const int ResponseSize = 1 << 20;

    /// <summary>Far above what the few messages under way need, far below the 16 GB asked for.</summary>
    private const long Bound = 256L << 20;

    [Test]
    [CancelAfter(60_000)]
    public async Task StreamingOutputCall_NothingIsRead_MemoryStaysBounded(CancellationToken cancellationToken)
    {
        var wanted = Enumerable.Repeat(new ResponseParameters { Size = ResponseSize }, Responses);
        var body = RawClient.Frame(new StreamingOutputCallRequest { ResponseParameters = { wanted } }.ToByteArray());
        var before = ServerMemory;
        var open = new List<HttpResponseMessage>();
        try
        {
            for (var i = 0; i < Calls; i++)
            {
                var request = RawClient.Request(RawClient.StreamingOutputCall, new ByteArrayContent(body));
                open.Add(await Raw.OpenAsync(request, cancellationToken));
            }

            // Ordinary calls meanwhile: they are answered, and give the server the time to run away with memory.
            for (var i = 0; i < 1000; i++)
            {
                await AssertEmptyUnaryAsync();
            }

            Assert.That(ServerMemory - before, Is.LessThan(Bound));
        }
        finally
        {
            open.ForEach(response => response.Dispose());
        }
    }
}
