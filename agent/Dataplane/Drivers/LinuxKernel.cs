using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Sysctl;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>This host's kernel, in the network namespace of the thread that uses it: netlink for all but a few settings.</summary>
public sealed class LinuxKernel : IHostKernel
{
    private readonly RouteSocket _socket;
    private readonly RouteMonitor _monitor;
    private readonly KernelReader _reader;
    private readonly List<RouteEvent> _events = [];

    private LinuxKernel(RouteSocket socket, RouteMonitor monitor)
    {
        _socket = socket;
        _monitor = monitor;
        _reader = new KernelReader(socket);
    }

    /// <summary>How many requests that change something were ever sent.</summary>
    public long Writes => _socket.Writes;

    /// <summary>In the calling thread's network namespace, where it must be used too.</summary>
    public static LinuxKernel Open()
    {
        var socket = RouteSocket.Open();
        try
        {
            return new LinuxKernel(socket, RouteMonitor.Open());
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
        _events.Clear();
        _monitor.Drain(_events);
        _events.Clear();
        return _reader.ReadAll();
    });

    public HostState Follow(HostState known, out bool readAnew)
    {
        var (state, anew) = Guarded(() =>
        {
            _events.Clear();
            if (!_monitor.Drain(_events))
            {
                return (_reader.ReadAll(known), true);
            }

            return (_events.Count == 0 ? known : _reader.TakeIn(known, _events), false);
        });
        readAnew = anew;
        return state;
    }

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known) => Guarded(() => new StepWriter(_socket, steps, known).Run());

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps)
    {
        // First what the kernel reported of these steps, so that nothing older is taken in after the reading.
        var state = Follow(known, out var readAnew);
        return readAnew ? state : Guarded(() => _reader.ReadBack(state, steps));
    }

    public HostState ReadSettings(HostState known, IEnumerable<string> names)
    {
        HostState.Builder? builder = null;
        foreach (var name in names)
        {
            var value = SysctlTree.Read(name);
            if (value != known.Setting(name))
            {
                (builder ??= known.ToBuilder()).PutSetting(name, value);
            }
        }

        return builder?.ToState() ?? known;
    }

    public IReadOnlyList<ForwardingEntry> ReadForwarding() => Guarded(() => _socket.ReadForwarding());

    public void Wait() => _monitor.Wait(null);

    public void Wake() => _monitor.Wake();

    public void Dispose()
    {
        _monitor.Dispose();
        _socket.Dispose();
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
    }
}
