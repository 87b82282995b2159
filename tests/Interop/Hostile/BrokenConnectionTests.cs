using System.Text;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>Connections that do not speak HTTP/2, or stop in the middle of it. The server must hang up on them, not wait.</summary>
internal sealed class BrokenConnectionTests : HostileTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    /// <summary>SETTINGS without a setting.</summary>
    private static readonly byte[] Settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Garbage_InsteadOfThePreface_IsHungUpOn()
    {
        var garbage = new byte[1000];
        new Random(1).NextBytes(garbage);
        await SendUntilHungUpAsync(garbage);
    }

    [Test]
    public async Task Garbage_AfterThePreface_IsHungUpOn()
    {
        var garbage = new byte[1000];
        new Random(2).NextBytes(garbage);
        await SendUntilHungUpAsync([.. Preface, .. garbage]);
    }

    [Test]
    public async Task Http1_IsToldThatThisIsHttp2()
    {
        var answer = await SendUntilHungUpAsync("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        Assert.That(Encoding.ASCII.GetString(answer), Does.StartWith("HTTP/1.1 400"));
    }

    [Test]
    public async Task HugeFrame_IsHungUpOn() =>
        // A DATA frame of 16 MiB less one byte, on a stream that was never opened.
        await SendUntilHungUpAsync([.. Preface, .. Settings, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]);

    [Test]
    public async Task HeadersThatDoNotDecode_AreHungUpOn() =>
        // HEADERS on stream 1 whose block refers to an HPACK entry that does not exist.
        await SendUntilHungUpAsync([.. Preface, .. Settings, 0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0x7f]);

    [Test]
    public async Task ClientThatVanishes_MidFrame_DisturbsNobody()
    {
        await using var connection = await Server.ConnectAsync(CancellationToken.None);
        await connection.WriteAsync((byte[])[.. Preface, .. Settings, 0, 0, 100, 1]);
    }

    /// <summary>Everything that the server says until it closes the connection, which it must within the limit.</summary>
    private async Task<byte[]> SendUntilHungUpAsync(byte[] bytes)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var connection = await Server.ConnectAsync(limit.Token);
        await connection.WriteAsync(bytes, limit.Token);
        using var answer = new MemoryStream();
        try
        {
            await connection.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // A reset is a way of hanging up, too.
        }

        return answer.ToArray();
    }
}
