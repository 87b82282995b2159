using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>How the parts of a configuration read in the history's files: the same text for the same part, always.</summary>
public interface IHistoryFormat
{
    string Text(PhysicalNetwork physical);

    string Text(Network network);

    string Text(Port port);

    string Text(AddressGroup group);

    string Text(ControlNetwork control);

    string Text(HostAccess access);

    string Text(HostSettings settings);

    string Text(ValueList<ProviderSetting> providers);

    string Text(DriftPolicy drift);

    string Text(HistoryEntry entry);
}
