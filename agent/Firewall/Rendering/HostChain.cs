using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>Lets through what the agent and its peers live on, whatever else the host's INPUT chain says.</summary>
internal static class HostChain
{
    public static Chain Write(HostServices host, Family family, AddressLists lists)
    {
        var chain = new ChainWriter(ChainNames.Host, new ObjectRef(ObjectKind.Host));
        if (host.AgentPort is { } agent)
        {
            Accept(host.Access.ManagementCidrs, "tcp", agent);
        }

        foreach (var port in host.TunnelPorts.Append(host.ProbePort))
        {
            Accept(host.Access.PeerCidrs, "udp", port);
        }

        return chain.Seal("-j RETURN");

        void Accept(ValueList<IpPrefix> from, string protocol, int port)
        {
            foreach (var (before, after) in lists.Match(from, isSource: true))
            {
                chain.Add(string.Create(CultureInfo.InvariantCulture, $"{before}-p {protocol} -m {protocol} --dport {port} {after}-j ACCEPT"));
            }
        }
    }
}
