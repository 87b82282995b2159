using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>How a network's ports are filtered. In the model one that does not filter has none.</summary>
internal static class NetworkSecurityMapping
{
    private static readonly NetworkSecurity Plain = new(default(ValueList<int>));

    /// <param name="security">What to read.</param>
    /// <param name="path">Of the network.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static NetworkSecurity? ToModel(V1.NetworkSecurity? security, FieldPath path, RequestErrors errors)
    {
        switch (security?.Mode)
        {
            case null:
                return null;
            case V1.NetworkSecurityMode.SecurityGroups:
                return security.ExtraEthertypes.Count == 0 ? Plain : new NetworkSecurity(security.ExtraEthertypes.Select(Numbers.ToModel).ToValueList());
            case V1.NetworkSecurityMode.Unspecified or V1.NetworkSecurityMode.None:
                if (security.ExtraEthertypes.Count > 0)
                {
                    errors.Wrong.Add($"{path}.security.extra_ethertypes", "is refused without SECURITY_GROUPS: nothing is filtered");
                }

                return null;
            default:
                return errors.UnknownValue((int)security.Mode, nameof(V1.NetworkSecurityMode), new FieldPath($"{path}.security.mode"), Plain);
        }
    }

    public static V1.NetworkSecurity? ToMessage(NetworkSecurity? security)
    {
        if (security is null)
        {
            return null;
        }

        var message = new V1.NetworkSecurity { Mode = V1.NetworkSecurityMode.SecurityGroups };
        foreach (var type in security.ExtraEthertypes)
        {
            message.ExtraEthertypes.Add((uint)type);
        }

        return message;
    }
}
