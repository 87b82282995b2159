using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Linux.Sysctl;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>
/// The first rule about a port of a bridge has the kernel load br_netfilter, and from then on every bridge of the host is filtered unless
/// the host says otherwise. The agent's bridges ask for it by a setting of their own; all others are to stay as they were.
/// </summary>
/// <param name="read">A kernel setting; null if there is none.</param>
/// <param name="write">Sets one.</param>
internal sealed class OtherBridges(Func<string, string?> read, Action<string, string> write)
{
    private static readonly string[] Settings = ["net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables", "net.bridge.bridge-nf-call-arptables"];

    private bool _isLoaded;

    public static OtherBridges OnThisHost() => new(SysctlTree.Read, SysctlTree.Write);

    /// <summary>Before the first rule is there to stay.</summary>
    /// <param name="tryRule">Makes such a rule, and takes it away.</param>
    /// <returns>Why that is not so; null if it is.</returns>
    public Failure? LeaveAlone(Action tryRule)
    {
        if (_isLoaded || read(Settings[0]) is not null)
        {
            // Somebody else has decided already.
            _isLoaded = true;
            return null;
        }

        tryRule();
        try
        {
            foreach (var setting in Settings.Where(s => read(s) is not null))
            {
                write(setting, "0");
                _isLoaded = true;
            }

            return null;
        }
        catch (IOException e)
        {
            return new Failure
            {
                Operation = "sysctl",
                Subject = new ObjectRef(ObjectKind.Host),
                Reason = "OTHER_BRIDGES_FILTERED",
                Message = "with the module br_netfilter, which has just been loaded for security groups, all bridges of this host meet its iptables rules, and that cannot be switched off",
                Evidence = e.Message,
                Remedy = "write 0 to net.bridge.bridge-nf-call-iptables, -ip6tables and -arptables, and ask again",
            };
        }
    }
}
