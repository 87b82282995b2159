namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>What a reader was too slow for, until it is told.</summary>
internal struct LostEvents
{
    private ulong _count;
    private ulong _first;

    /// <summary>The number of the last of them.</summary>
    public ulong Last { get; private set; }

    public readonly bool Any => _count > 0;

    public void Add(ulong sequence)
    {
        _first = _count == 0 ? sequence : _first;
        Last = sequence;
        _count++;
    }

    /// <summary>What to tell; after that, nothing is lost.</summary>
    public Gap Take()
    {
        var gap = new Gap(GapCause.SlowReader, _count, _first, Last);
        this = default;
        return gap;
    }
}
