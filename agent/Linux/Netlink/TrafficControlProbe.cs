using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// Finds out whether the kernel knows a kind of queueing discipline or action, loading its module if need be, without making one: it is asked
/// for one without parameters. A kernel that knows the kind misses these; one that does not, says that it finds no such thing.
/// </summary>
internal sealed class TrafficControlProbe(Conversation conversation) : IAnswers
{
    private const int Room = 256;
    private const int Loopback = 1;

    /// <summary>TCA_ACT_TAB, and the kind in its first entry.</summary>
    private const ushort Actions = 1;
    private const ushort Kind = 1;

    private KernelVerdict _verdict;

    public bool SupportsQdisc(string kind, out string reason)
    {
        var sequence = conversation.Reserve(1);
        var writer = Begin(stackalloc byte[Room], RtmType.NewQdisc, sequence);
        writer.Struct(new QdiscHeader { Index = Loopback, Handle = ShapingMarks.EgressHandle, Parent = ShapingMarks.Root });
        writer.Text(Kind, kind);
        return Ask(writer.Finish(), sequence, kind, out reason);
    }

    public bool SupportsAction(string kind, out string reason)
    {
        var sequence = conversation.Reserve(1);
        var writer = Begin(stackalloc byte[Room], RtmType.NewAction, sequence);
        writer.Struct(default(ActionHeader));
        var actions = writer.BeginNested(Actions);
        var first = writer.BeginNested(1);
        writer.Text(Kind, kind);
        writer.EndNested(first);
        writer.EndNested(actions);
        return Ask(writer.Finish(), sequence, kind, out reason);
    }

    void IAnswers.OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload)
    {
    }

    void IAnswers.OnVerdict(int request, in KernelVerdict verdict) => _verdict = verdict;

    private static MessageWriter Begin(Span<byte> buffer, ushort type, uint sequence) =>
        new(buffer, type, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive, sequence);

    private bool Ask(ReadOnlySpan<byte> request, uint sequence, string kind, out string reason)
    {
        conversation.Exchange(request, sequence, 1, "probe", kind, this);
        var refusal = _verdict.AsRefusal("probe", kind);
        if (refusal is { IsRefused: true } or { IsRetryable: true })
        {
            throw new NetlinkException(refusal);
        }

        reason = refusal is { IsNotFound: true } or { IsNotSupported: true } ? refusal.ToString() : "";
        return reason.Length == 0;
    }
}
