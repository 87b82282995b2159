using System.Text.Json;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// What iperf3 measured. The receiver stops counting when the sender says that it is done: what is in its socket then was
/// delivered and is not in its figure, some hundred KiB of TCP and a packet or two of UDP.
/// </summary>
public sealed record Iperf3(long BytesSent, long BytesReceived, double BitsPerSecond, long PacketsLost)
{
    /// <summary>Far more than any test sends for: it only ends one that would wait for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Sends from one namespace to an address in another; the server there serves this one client and ends.</summary>
    public static async Task<Iperf3> RunAsync(
        NetNamespace sender, NetNamespace receiver, string address, params IReadOnlyList<string> options)
    {
        using var server = receiver.Start("iperf3", "-s", "-1", "--forceflush");
        await server.WaitForLineAsync("Server listening", Limit).ConfigureAwait(false);
        var client = sender.TryExec(["iperf3", "-c", address, "-J", .. options], limit: Limit);
        if (!client.Succeeded)
        {
            throw new InvalidOperationException($"iperf3 could not send: {client}");
        }

        await server.WaitForExitAsync(Limit).ConfigureAwait(false);
        using var report = JsonDocument.Parse(client.Output);
        var end = report.RootElement.GetProperty("end");
        var received = end.GetProperty("sum_received");
        return new Iperf3(
            end.GetProperty("sum_sent").GetProperty("bytes").GetInt64(),
            received.GetProperty("bytes").GetInt64(),
            received.GetProperty("bits_per_second").GetDouble(),
            end.TryGetProperty("sum", out var udp) ? udp.GetProperty("lost_packets").GetInt64() : 0);
    }
}
