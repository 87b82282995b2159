using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Cases;

/// <summary>The messages that several cases send, and what they expect of those that come back.</summary>
internal static class Message
{
    public static Payload Zeros(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };

    public static BoolValue Flag(bool value) => new() { Value = value };

    /// <summary>The description's usual large request for a large response.</summary>
    public static SimpleRequest Large() => new() { ResponseSize = 314159, Payload = Zeros(271828) };

    public static StreamingOutputCallRequest Output(params IEnumerable<int> sizes) => new()
    {
        ResponseParameters = { sizes.Select(size => new ResponseParameters { Size = size }) },
    };

    public static StreamingOutputCallRequest OutputWithPayload(int payload, params IEnumerable<int> sizes)
    {
        var request = Output(sizes);
        request.Payload = Zeros(payload);
        return request;
    }

    public static void AssertZeros(Payload payload, int size)
    {
        Assert.That(payload.Body, Has.Length.EqualTo(size));
        Assert.That(payload.Body.Span.ContainsAnyExcept((byte)0), Is.False, "the payload is not all zeros");
    }

    /// <summary>All responses of a stream have these sizes, in this order.</summary>
    public static async Task AssertSizesAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses, params int[] sizes)
    {
        var received = new List<int>();
        await foreach (var response in responses.ReadAllAsync())
        {
            AssertZeros(response.Payload, response.Payload.Body.Length);
            received.Add(response.Payload.Body.Length);
        }

        Assert.That(received, Is.EqualTo(sizes));
    }

    public static async Task AssertStatusAsync(Func<Task> call, StatusCode code, string? detail = null)
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.That(error!.StatusCode, Is.EqualTo(code), error.Status.ToString());
        if (detail is not null)
        {
            Assert.That(error.Status.Detail, Is.EqualTo(detail));
        }
    }
}
