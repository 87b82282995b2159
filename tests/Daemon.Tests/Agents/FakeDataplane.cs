using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>
/// A dataplane without a kernel: takes every change into its desired state at once, unless a test has another answer. A label's
/// uplink is eth0 unless it says another, of MTU 9000, at 192.0.2.11.
/// </summary>
internal sealed class FakeDataplane : IDataplane, IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly LinuxBridgeProvider Bridges = new(
        new Provider { Name = LinuxBridgeProvider.Name, Isolations = [IsolationKind.Vlan, IsolationKind.VxlanMulticast] }, "kvm-07");

    public event Action? Published;

    public DataplaneView View
    {
        get;
        set
        {
            field = value;
            Published?.Invoke();
        }
    }
    = new()
    {
        Desired = Desired.Nothing,
        State = HostState.Empty,
        Providers = [Bridges.Description],
        InForce = Generation(0, HostConfig.Empty),
        AsOf = Now,
    };

    /// <summary>A generation as the agent keeps it.</summary>
    public static Generation Generation(ulong number, HostConfig config) => new()
    {
        Entry = new HistoryEntry
        {
            Generation = number, AcceptedAt = Now, Caller = "uid=0", RequestId = $"r{number}", Method = "HostNetwork/Apply", Summary = $"the {number}th",
        },
        Config = config,
    };

    /// <summary>What comes of every change, where that is not success.</summary>
    public Func<ChangeOptions, ConfigEdit, CancellationToken, Task<ChangeResult>>? Answer { get; set; }

    /// <summary>What was asked for, in order.</summary>
    public List<(ChangeOptions Options, ConfigEdit Edit)> Asked { get; } = [];

    /// <summary>The labels that were looked for.</summary>
    public List<PhysicalNetwork> Checked { get; } = [];

    public IReadOnlyList<ForwardingEntry> Forwarding { get; set; } = [];

    /// <summary>What happens when the agent ends it.</summary>
    public Action? Ending { get; set; }

    public void Dispose() => Ending?.Invoke();

    /// <summary>Answers every change with this failed report.</summary>
    public void Fail(params IReadOnlyList<Failure> failures) => Answer = (options, _, _) => Task.FromResult(new ChangeResult(
        Report(options) with { Outcome = ChangeOutcome.FailedUndone, Failures = failures }, View.Desired));

    public Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken)
    {
        Asked.Add((options, edit));
        if (Answer is not null)
        {
            return Answer(options, edit, cancellationToken);
        }

        var desired = Design(edit.ApplyTo(View.Desired.Config));
        var same = desired.Config == View.Desired.Config;
        var report = Report(options) with
        {
            Outcome = same ? ChangeOutcome.Unchanged : options.DryRun ? ChangeOutcome.Planned : ChangeOutcome.Applied,
            Generation = View.Generation + (same || options.DryRun ? 0u : 1u),
        };
        if (!same && !options.DryRun)
        {
            View = View with { Desired = desired, InForce = Generation(report.Generation, desired.Config), Term = options.Term };
        }

        return Task.FromResult(new ChangeResult(report, desired));
    }

    public IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked)
    {
        Checked.AddRange(asked);
        return [.. asked.Select(p => new PhysicalCheck { Label = p.Label, Result = PhysicalCheckResult.Found, Message = $"{p.Label} is here" })];
    }

    public Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken) => Task.FromResult(Forwarding);

    private ChangeReport Report(ChangeOptions options) => new()
    {
        RequestId = options.RequestId,
        Outcome = ChangeOutcome.Applied,
        Generation = View.Generation,
        PreviousGeneration = View.Generation,
        AcceptedAt = Now,
        RequestsInTransaction = 1,
    };

    private static Desired Design(HostConfig config)
    {
        var underlays = config.PhysicalNetworks.ToDictionary(p => p.Key, p => new Underlay(
            p.Key, p.Key, 9000, p.Value.Uplink.Length > 0 ? p.Value.Uplink : "eth0", 9000, null, [IPAddress.Parse("192.0.2.11")]));
        var networks = Desired.Nothing.Networks;
        foreach (var network in config.Networks.Values)
        {
            networks = networks.Add(network.Id, Bridges.Design(network, underlays[network.PhysicalNetwork], [])!);
        }

        return new Desired { Config = config, Networks = networks, Underlays = Desired.Nothing.Underlays.AddRange(underlays) };
    }
}
