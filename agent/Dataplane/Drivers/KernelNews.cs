using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>
/// What the kernel reported and nobody took in yet. Reports are taken in once everything that relies on them has succeeded;
/// whatever goes wrong before, or was dropped by the kernel, leaves the news incomplete: then everything has to be read anew.
/// </summary>
internal sealed class KernelNews(RouteMonitor monitor)
{
    private readonly List<RouteEvent> _heard = [];

    public IReadOnlyList<RouteEvent> Heard => _heard;

    public bool IsComplete { get; private set; } = true;

    /// <summary>Appends all that there is now, without waiting.</summary>
    public void Listen() => IsComplete &= monitor.Drain(_heard);

    /// <summary>Until there is more, somebody wants the loop, or the time is up.</summary>
    public void Wait(TimeSpan? limit) => monitor.Wait(limit);

    /// <summary>Has the function use up everything that was heard so far; if it fails, that is lost.</summary>
    public T Take<T>(Func<IReadOnlyList<RouteEvent>, bool, T> take)
    {
        var wasComplete = IsComplete;
        IsComplete = false;
        try
        {
            var taken = take(_heard, wasComplete);
            IsComplete = true;
            return taken;
        }
        finally
        {
            _heard.Clear();
        }
    }
}
