using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Sysctl;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>This host's kernel, in one network namespace: netlink for all but a few settings.</summary>
public sealed class LinuxKernel : IHostKernel
{
    private readonly RouteSocket _socket;
    private readonly RouteMonitor _monitor;
    private readonly KernelNews _news;
    private readonly KernelReader _reader;
    private readonly SafeFileHandle? _networkNamespace;

    /// <summary>What was taken in and not told yet.</summary>
    private readonly ImmutableHashSet<string>.Builder _devices = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
    private readonly HashSet<string> _addressed = new(StringComparer.Ordinal);
    private readonly SysctlWatch _settings = SysctlWatch.Open();
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private bool _readAnew;

    private LinuxKernel(SafeFileHandle? networkNamespace, RouteSocket socket, RouteMonitor monitor)
    {
        _networkNamespace = networkNamespace;
        _socket = socket;
        _monitor = monitor;
        _news = new KernelNews(monitor);
        monitor.AlsoWaitFor(_settings.Descriptor);
        _reader = new KernelReader(socket, networkNamespace);
    }

    /// <summary>How many requests that change something were ever sent.</summary>
    public long Writes => _socket.Writes;

    /// <summary>In the calling thread's network namespace, or in another one that the handle keeps.</summary>
    public static LinuxKernel Open(SafeFileHandle? networkNamespace = null) => Open(networkNamespace, RouteMonitor.DefaultReceiveBuffer);

    /// <summary>With room for so many bytes of reports that were not taken in yet.</summary>
    internal static LinuxKernel Open(SafeFileHandle? networkNamespace, int reportBuffer)
    {
        var socket = networkNamespace is null ? RouteSocket.Open() : RouteSocket.Open(networkNamespace);
        try
        {
            return new LinuxKernel(
                networkNamespace, socket, networkNamespace is null ? RouteMonitor.Open(reportBuffer) : RouteMonitor.Open(networkNamespace, reportBuffer));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public HostState ReadAll() => Guarded(() =>
    {
        // What is reported from here on is reported of the state that is read now, or of a later one.
        _news.Listen();
        return _news.Take((_, _) => _reader.ReadAll());
    });

    public HostState Follow(HostState known, out KernelChange change)
    {
        var state = Follow(known, confirmed: null, out _);
        _settings.Take(_written);
        state = _written.Count == 0 ? state : ReadSettings(state, _written);

        // Of what was read anew in the middle of something else addresses may have been reported since.
        change = _readAnew ? KernelChange.Anything with { Addressed = [.. _addressed] }
            : _devices.Count + _written.Count == 0 ? KernelChange.None
            : new KernelChange { Devices = _devices.ToImmutable(), Addressed = [.. _addressed], Settings = _written.Count > 0 };
        _devices.Clear();
        _addressed.Clear();
        _written.Clear();
        _readAnew = false;
        return state;
    }

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known) =>
        Guarded(() => new StepWriter(_socket, _news, _networkNamespace, steps, known).Run());

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps)
    {
        // First what the kernel reported of these steps, so that nothing older is taken in after the reading.
        var confirmed = new ForwardingReports();
        var state = Follow(known, confirmed, out var readAnew);
        return readAnew ? state : Guarded(() => _reader.ReadBack(state, steps, confirmed));
    }

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            return known;
        }

        var state = Follow(known, confirmed: null, out var readAnew);
        return readAnew ? state : Guarded(() => _reader.ReadLinks(state, names));
    }

    public HostState ReadSettings(HostState known, IReadOnlyCollection<string> names) => Guarded(() =>
    {
        var builder = known.ToBuilder();
        Watch(names);
        _reader.ReadSettings(builder, names);
        return builder.ToState();
    });

    public IReadOnlyList<ForwardingEntry> ReadForwarding() => Guarded(() => _socket.ReadForwarding());

    public void Wait(TimeSpan? limit) => Guarded(() =>
    {
        // What others did while something was healed was taken in with the reading back, and nobody looked at it yet.
        if (!_readAnew && _devices.Count == 0)
        {
            _news.Wait(limit);
        }

        return true;
    });

    /// <summary>Ends the waiting also when this becomes readable, which somebody else reads.</summary>
    public void AlsoWaitFor(SafeHandle other) => _monitor.AlsoWaitFor(other);

    public void Wake() => _monitor.Wake();

    public void Dispose()
    {
        _monitor.Dispose();
        _socket.Dispose();
        _settings.Dispose();
    }

    /// <summary>Before they are read, so that nothing falls in between.</summary>
    private void Watch(IEnumerable<string> names)
    {
        using var visit = NetworkNamespace.Enter(_networkNamespace);
        foreach (var name in names)
        {
            _settings.Watch(name);
        }
    }

    private HostState Follow(HostState known, ForwardingReports? confirmed, out bool readAnew)
    {
        var (state, anew) = Guarded(() =>
        {
            _news.Listen();
            return _news.Take((heard, isComplete) =>
            {
                confirmed?.Note(heard);
                _readAnew |= !isComplete;
                var followed = !isComplete ? _reader.ReadAll(known) : heard.Count == 0 ? known : _reader.TakeIn(known, heard, _devices, _addressed);
                return (followed, !isComplete);
            });
        });
        readAnew = anew;
        return state;
    }

    private static T Guarded<T>(Func<T> function)
    {
        try
        {
            return function();
        }
        catch (NetlinkException e)
        {
            throw new KernelException(KernelFailures.Of(e.Refusal, new ObjectRef(ObjectKind.Host)), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelException(KernelFailures.OfSettings(e), e);
        }
    }
}
