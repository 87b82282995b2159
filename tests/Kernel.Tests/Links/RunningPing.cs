using System.Globalization;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>Echo requests one after another beside a test, each answer counted: what was lost in between is found by its number.</summary>
internal sealed partial class RunningPing : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Guest _guest;
    private readonly string _address;
    private readonly RunningCommand _ping;
    private string _first = "";

    private RunningPing(Guest guest, string address, int packetBytes)
    {
        _guest = guest;
        _address = address;
        var data = (packetBytes - 28).ToString(CultureInfo.InvariantCulture);
        _ping = guest.Namespace.Start("ping", "-n", "-i", "0.002", "-M", "do", "-s", data, address);
    }

    /// <summary>Returns when the first was answered.</summary>
    public static async Task<RunningPing> StartAsync(Guest guest, string address, int packetBytes)
    {
        var ping = new RunningPing(guest, address, packetBytes);
        ping._first = await ping._ping.WaitForLineAsync("icmp_seq=", Limit);
        return ping;
    }

    /// <summary>The numbers of all requests up to the last that was answered, which were not. Those on their way at the end do not count.</summary>
    public async Task<IReadOnlyList<int>> StopAsync()
    {
        // Some more, so that also what was sent last during the test is followed by an answer.
        _guest.WaitUntilReaches(_address);
        _ping.Send(Signal.Interrupt);
        var answered = (await _ping.ReadToEndAsync(Limit)).Prepend(_first)
            .Select(line => Sequence().Match(line)).Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToHashSet();
        return Enumerable.Range(1, answered.Max()).Where(n => !answered.Contains(n)).ToList();
    }

    public void Dispose() => _ping.Dispose();

    [GeneratedRegex(@"bytes from .*icmp_seq=(\d+) ")]
    private static partial Regex Sequence();
}
