namespace Cloudbr.Agent.Testing.Kernel;

/// <summary>
/// Which of the two backends of the xtables tools works on this kernel. Debian points `iptables` at nf_tables, which
/// the lab's kernel refuses, so tests ask here instead of trusting the plain name.
/// </summary>
public static class Tools
{
    private static readonly Lazy<string> IptablesBackendFound = new(() => BackendBy(Feature.IptablesNft));
    private static readonly Lazy<string> EbtablesBackendFound = new(() => BackendBy(Feature.EbtablesNft));

    /// <summary>`nft` or `legacy`.</summary>
    public static string IptablesBackend => IptablesBackendFound.Value;

    /// <summary>`nft` or `legacy`.</summary>
    public static string EbtablesBackend => EbtablesBackendFound.Value;

    public static string IptablesRestore => $"iptables-{IptablesBackend}-restore";

    public static string IptablesSave => $"iptables-{IptablesBackend}-save";

    public static string Ip6tablesRestore => $"ip6tables-{IptablesBackend}-restore";

    public static string Ip6tablesSave => $"ip6tables-{IptablesBackend}-save";

    public static string Ebtables => $"ebtables-{EbtablesBackend}";

    public static string EbtablesRestore => $"ebtables-{EbtablesBackend}-restore";

    public static string EbtablesSave => $"ebtables-{EbtablesBackend}-save";

    private static string BackendBy(Feature nft) => FeatureProbe.Has(nft) ? "nft" : "legacy";
}
