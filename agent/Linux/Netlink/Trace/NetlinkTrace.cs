using System.Text;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Trace;

/// <summary>With <c>CLOUDBR_NETLINK_TRACE=1</c> every message goes to standard error too, readably.</summary>
internal static class NetlinkTrace
{
    private static readonly bool IsOn = Environment.GetEnvironmentVariable("CLOUDBR_NETLINK_TRACE") == "1";

    public static void Sent(ReadOnlySpan<byte> datagram) => Print("->", datagram);

    public static void Received(ReadOnlySpan<byte> datagram) => Print("<-", datagram);

    private static void Print(string direction, ReadOnlySpan<byte> datagram)
    {
        if (IsOn)
        {
            Console.Error.Write(Describe(direction, datagram));
        }
    }

    /// <summary>Never fails: what cannot be read is said to be so.</summary>
    internal static string Describe(string direction, ReadOnlySpan<byte> datagram)
    {
        var text = new StringBuilder();
        try
        {
            foreach (var message in new MessageReader(datagram))
            {
                MessagePrinter.Print(text, direction, message);
            }
        }
        catch (NetlinkException e)
        {
            text.Append(direction).Append(' ').AppendLine(e.Evidence);
        }

        return text.ToString();
    }
}
