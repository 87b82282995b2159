namespace Cloudbr.Agent.Testing.Kernel;

/// <summary>What a kernel may lack and a test may need. <see cref="FeatureProbe"/> says how each is tried.</summary>
public enum Feature
{
    Veth,
    Bridge,
    BridgeVlanFiltering,
    Vlan,
    Vxlan,
    Bonding,
    Dummy,
    Netem,
    Police,
    Ifb,
    Gre,
    Htb,
    Tbf,
    Tun,
    IptablesNft,
    IptablesLegacy,
    EbtablesNft,
    EbtablesLegacy,
    Ipset,
    ConntrackZones,
    NftablesRandom,
    OpenVSwitch,
}
