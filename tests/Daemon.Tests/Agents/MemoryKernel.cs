using System.Collections.Concurrent;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>A host in memory behind the reconcile loop's seam. A loop ends its kernel with itself: each gets one of its own.</summary>
internal sealed class MemoryKernel(MemoryHost host) : IHostKernel
{
    private readonly SemaphoreSlim _woken = new(0);
    private readonly ConcurrentQueue<(string Device, Action<MemoryHost> Change)> _meddling = new();

    /// <summary>Of a host with one uplink: `eth0`, of MTU 9000, at 192.0.2.1.</summary>
    public MemoryKernel()
        : this(WithUplink())
    {
    }

    public MemoryHost Host => host;

    /// <summary>How often something was written.</summary>
    public int Transactions { get; private set; }

    /// <summary>Called on the loop's thread when somebody asks for the forwarding tables.</summary>
    public Action? OnReadForwarding { get; set; }

    /// <summary>Why it cannot be read; null if it can.</summary>
    public Failure? Unreadable { get; set; }

    /// <summary>Somebody else changes a device, and the kernel reports it.</summary>
    public void Meddle(ChangeLink change) => Meddle(change.Link, h => h.Apply(change));

    /// <summary>Somebody else does something to a device, and the kernel reports it.</summary>
    public void Meddle(string device, Action<MemoryHost> change)
    {
        _meddling.Enqueue((device, change));
        Wake();
    }

    public HostState ReadAll() => Host.State;

    public HostState Follow(HostState known, out KernelChange change)
    {
        if (Unreadable is { } failure)
        {
            throw new KernelException(failure);
        }

        change = KernelChange.None;
        while (_meddling.TryDequeue(out var meddling))
        {
            meddling.Change(Host);
            change = change with { Devices = change.Devices.Add(meddling.Device) };
        }

        return Host.State;
    }

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known)
    {
        Transactions++;
        Host.Apply(steps);
        return [.. steps.Select(_ => StepOutcome.Applied)];
    }

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps) => Host.State;

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names) => Host.State;

    public HostState ReadSettings(HostState known, IReadOnlyCollection<string> names) => Host.State;

    public IReadOnlyList<ForwardingEntry> ReadForwarding()
    {
        OnReadForwarding?.Invoke();
        return [];
    }

    public void Wait(TimeSpan? limit) => _woken.Wait(limit ?? Timeout.InfiniteTimeSpan);

    public void Wake() => _woken.Release();

    public void Dispose() => _woken.Dispose();

    private static MemoryHost WithUplink()
    {
        var host = new MemoryHost();
        host.PutForeign(new Link { Index = 2, Name = "eth0", Mtu = 9000, Up = true, Carrier = true, Mac = MacAddress.Parse("02:00:00:00:00:01") });
        host.PutForeign("eth0", new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24")));
        return host;
    }
}
