using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>How a network's ports may be filtered.</summary>
public static class NetworkSecurityRules
{
    /// <summary>What is below is the length of an old kind of frame, and 1536 is what ebtables has for all of those.</summary>
    private const uint LeastEthertype = 1_537;
    private const int MostEthertypes = 64;

    /// <param name="security">What to check.</param>
    /// <param name="path">Of the network.</param>
    /// <param name="violations">Where what is wrong is added.</param>
    public static void Check(NetworkSecurity security, FieldPath path, Violations violations)
    {
        var types = security.ExtraEthertypes.AsSpan();
        if (types.Length > MostEthertypes)
        {
            violations.Add($"{path}.security.extra_ethertypes", $"{types.Length} are more than {MostEthertypes}");
            return;
        }

        for (var i = 0; i < types.Length; i++)
        {
            if (!RangeRules.IsBetween(types[i], LeastEthertype, 65_535))
            {
                violations.Add($"{path}.security.extra_ethertypes[{i}]", $"{RangeRules.Text(types[i])} is not between 1537 and 65535");
            }
        }
    }
}
