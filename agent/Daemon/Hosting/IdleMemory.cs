namespace Cloudbr.Agent.Daemon.Hosting;

/// <summary>
/// Gives memory back to the machine when a burst of work is over. A config of thousands of networks leaves tens of megabytes of garbage
/// among what lives long, and an agent at rest allocates too little for the collector ever to come to it.
/// </summary>
internal sealed class IdleMemory : IDisposable
{
    /// <summary>So much allocated since the last time is worth the collection, which stops the agent for some tens of milliseconds.</summary>
    internal const long Burst = 16 * 1024 * 1024;

    /// <summary>Who allocates more than this in a period is not at rest.</summary>
    internal const long Rest = 1024 * 1024;

    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly Func<long> _allocated;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private long _atLastLook;
    private long _atLastCollection;

    /// <param name="time">When it looks.</param>
    /// <param name="allocated">How much was allocated since the start, in bytes.</param>
    /// <param name="collect">Gives back what can be.</param>
    public IdleMemory(TimeProvider time, Func<long> allocated, Action collect)
    {
        _allocated = allocated;
        _collect = collect;
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    public static IdleMemory OfThisProcess(TimeProvider time) => new(
        time,
        () => GC.GetTotalAllocatedBytes(),
        () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var allocated = _allocated();
        var atRest = allocated - _atLastLook <= Rest;
        _atLastLook = allocated;
        if (atRest && allocated - _atLastCollection >= Burst)
        {
            _collect();
            _atLastCollection = _atLastLook = _allocated();
        }
    }
}
