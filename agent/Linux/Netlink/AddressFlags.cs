namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>IFA_F_*: the marks on an address.</summary>
public static class AddressFlags
{
    /// <summary>IPv4: not the first of its subnet. IPv6: a temporary address of the privacy extensions.</summary>
    public const uint Secondary = 0x01;
    public const uint NoDuplicateDetection = 0x02;
    public const uint Optimistic = 0x04;
    public const uint DuplicateFound = 0x08;
    public const uint Home = 0x10;
    public const uint Deprecated = 0x20;
    public const uint Tentative = 0x40;
    public const uint Permanent = 0x80;
    public const uint ManageTemporary = 0x100;
    public const uint NoPrefixRoute = 0x200;
    public const uint JoinGroup = 0x400;
    public const uint StablePrivacy = 0x800;

    /// <summary>Those that a request may carry; the others are the kernel's own findings.</summary>
    public const uint Settable = NoDuplicateDetection | Home | ManageTemporary | NoPrefixRoute | JoinGroup;

    /// <summary>Those by which two addresses differ; duplicate detection says nothing about the address once it is over.</summary>
    public const uint Lasting = Settable & ~NoDuplicateDetection;
}
