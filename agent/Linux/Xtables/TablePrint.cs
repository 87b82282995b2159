namespace Cloudbr.Agent.Linux.Xtables;

/// <summary>
/// What a legacy table looks like from afar. Rules that come or go change it; a rule in the place of another one of the same size does not.
/// </summary>
/// <param name="Hooks">Where in the kernel it is called from.</param>
/// <param name="Entries">How many it has; of iptables a chain of one's own counts for two besides its rules.</param>
/// <param name="Size">How many bytes they are.</param>
/// <param name="Offsets">A hash of where the kernel's chains begin.</param>
public readonly record struct TablePrint(uint Hooks, uint Entries, uint Size, int Offsets);
