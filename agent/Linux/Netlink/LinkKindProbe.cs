using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// Finds out whether the kernel knows a kind of device, without making one: it is asked for one with a group's MAC, which no
/// device may have. A kernel that knows the kind refuses the MAC; one that does not, refuses the kind.
/// </summary>
internal sealed class LinkKindProbe(Conversation conversation) : IAnswers
{
    private const int Room = 256;

    private static readonly MacAddress Impossible = MacAddress.Parse("01:00:5e:00:00:01");

    private KernelVerdict _verdict;

    public bool Supports(string kind, out string reason)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"cbp{Random.Shared.NextInt64(1L << 40):x10}");
        var sequence = conversation.Reserve(1);
        var writer = new MessageWriter(
            stackalloc byte[Room],
            RtmType.NewLink,
            MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive,
            sequence);
        writer.Struct(default(LinkHeader));
        writer.Text(LinkAttributes.Name, name);
        writer.Mac(LinkAttributes.Address, Impossible);
        var info = writer.BeginNested(LinkInfoAttributes.LinkInfo);
        writer.Text(LinkInfoAttributes.Kind, kind);
        writer.EndNested(info);
        Ask(writer.Finish(), sequence, kind);

        if (_verdict.Errno == 0)
        {
            Delete(name);
        }

        var refusal = _verdict.AsRefusal("newlink", kind);
        if (refusal is { IsRefused: true } or { IsRetryable: true })
        {
            throw new NetlinkException(refusal);
        }

        reason = refusal is { IsNotSupported: true } ? refusal.ToString() : "";
        return reason.Length == 0;
    }

    void IAnswers.OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload)
    {
    }

    void IAnswers.OnVerdict(int request, in KernelVerdict verdict) => _verdict = verdict;

    /// <summary>A kind that takes any MAC after all.</summary>
    private void Delete(string name)
    {
        var sequence = conversation.Reserve(1);
        var writer = new MessageWriter(stackalloc byte[Room], RtmType.DelLink, MessageFlags.Request | MessageFlags.Ack, sequence);
        writer.Struct(default(LinkHeader));
        writer.Text(LinkAttributes.Name, name);
        var made = _verdict;
        Ask(writer.Finish(), sequence, name);
        if (_verdict.AsRefusal("dellink", name) is { } refusal)
        {
            throw new NetlinkException(refusal);
        }

        _verdict = made;
    }

    private void Ask(ReadOnlySpan<byte> request, uint sequence, string subject) =>
        conversation.Exchange(request, sequence, 1, "newlink", subject, this);
}
