using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>Knows which chains and sets a desired state comes to.</summary>
public interface IFilterDesigner
{
    /// <summary>Null if that cannot be said now: then the packet filter stays as it is.</summary>
    Ruleset? Design(Desired desired);
}

/// <summary>Works out what depends on where ports' devices are.</summary>
public static class FilterDesign
{
    /// <summary>The desired state with its ports and its packet filter; the same one if nothing about them is new.</summary>
    public static Desired Complete(this IFilterDesigner designer, Desired desired, HostState state)
    {
        var ports = PortDesigner.Design(desired, state);
        desired = ReferenceEquals(ports, desired.Ports) ? desired : desired with { Ports = ports };
        var filter = designer.Design(desired);
        return ReferenceEquals(filter, desired.Filter) ? desired : desired with { Filter = filter };
    }
}
