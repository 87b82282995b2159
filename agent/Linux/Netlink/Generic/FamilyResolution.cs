using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Generic;

/// <summary>CTRL_CMD_GETFAMILY: generic netlink's families have names, and numbers that the kernel gives them as they come.</summary>
internal static class FamilyResolution
{
    /// <summary>GENL_ID_CTRL, the one number that is fixed.</summary>
    public const ushort Controller = 16;

    private const byte GetFamily = 3;
    private const byte Version = 1;
    private const ushort FamilyId = 1;
    private const ushort FamilyName = 2;

    public static void Write(ref MessageWriter writer, string family)
    {
        writer.Struct(new GenericHeader { Command = GetFamily, Version = Version });
        writer.Text(FamilyName, family);
    }

    public static ushort Read(ReadOnlySpan<byte> payload)
    {
        FamilyHeaders.Read<GenericHeader>(payload, out var attributes);
        foreach (var attribute in new AttributeReader(attributes))
        {
            if (attribute.Type == FamilyId)
            {
                return attribute.UInt16;
            }
        }

        throw NetlinkException.Malformed("a family without a number");
    }
}
