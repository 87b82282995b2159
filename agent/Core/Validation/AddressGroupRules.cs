using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What a group of addresses has to be by itself.</summary>
public static class AddressGroupRules
{
    /// <summary>What an ipset takes unless it is told to take more.</summary>
    public const int MostMembers = 65_536;

    public static void Check(AddressGroup group, FieldPath path, Violations violations)
    {
        violations.CheckId(group.Name, path, "name");
        violations.CheckPrefixes(group.Members.AsSpan(), MostMembers, path, "members");
    }
}
