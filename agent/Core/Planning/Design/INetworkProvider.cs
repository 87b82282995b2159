using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>
/// Realises networks in one way: says what it can on this host, and what a network becomes. Pure: another way of realising them is
/// another implementation, and the planner stays as it is.
/// </summary>
public interface INetworkProvider
{
    /// <summary>What it is by itself; whether it may be used is the configuration's word.</summary>
    Provider Description { get; }

    /// <summary>The design, or null with the reasons added.</summary>
    NetworkDesign? Design(Network network, Underlay underlay, ICollection<Failure> failures);
}
