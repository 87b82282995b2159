using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>Asks for single devices, many questions in one datagram.</summary>
internal sealed class LinkLookup(Conversation conversation) : IAnswers
{
    /// <summary>What one device's answer takes of the receive buffer, as the kernel counts, at the very most.</summary>
    private const int BytesPerAnswer = 8192;

    /// <summary>A name's room in a question, apart from the name.</summary>
    private const int QuestionRoom = 64;

    private const int MostAtOnce = 256;

    /// <summary>IFNAMSIZ and ALTIFNAMSIZ, less the zero byte.</summary>
    private const int LongestName = 15;
    private const int LongestAltName = 127;

    private readonly List<Link?> _none = [];
    private byte[] _buffer = [];
    private List<Link?> _found = [];
    private int _first;
    private KernelRefusal? _refusal;

    public List<Link?> Find(IReadOnlyList<int> indexes) => Find(indexes, static (ref writer, index) =>
    {
        writer.Struct(new LinkHeader { Index = index });
        WriteMask(ref writer);
    });

    public List<Link?> Find(IReadOnlyList<string> names) => Find(names, static (ref writer, name) =>
    {
        writer.Struct(default(LinkHeader));
        WriteMask(ref writer);

        // No device has a name that is longer; asked for the empty one, the kernel would complain.
        var length = Encoding.UTF8.GetByteCount(name);
        var isPossible = length is > 0 and <= LongestAltName;
        writer.Text(length <= LongestName ? LinkAttributes.Name : LinkAttributes.AltName, isPossible ? name : "/");
    });

    void IAnswers.OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Type == RtmType.NewLink)
        {
            _found[_first + request] = LinkAttributes.Read(payload);
        }
    }

    void IAnswers.OnVerdict(int request, in KernelVerdict verdict)
    {
        var refusal = verdict.AsRefusal("getlink", "");
        if (refusal is { IsNotFound: false })
        {
            _refusal ??= refusal;
        }
    }

    private static void WriteMask(ref MessageWriter writer) => writer.UInt32(LinkAttributes.ExtendedMask, LinkAttributes.SkipStatistics);

    private delegate void Question<T>(ref MessageWriter writer, T key);

    private List<Link?> Find<T>(IReadOnlyList<T> keys, Question<T> write)
    {
        var room = QuestionRoom + LongestAltName;
        var most = Math.Clamp(conversation.ReceiveCapacity / BytesPerAnswer, 1, MostAtOnce);
        if (_buffer.Length == 0)
        {
            _buffer = new byte[most * room];
        }

        _found = [.. Enumerable.Repeat<Link?>(null, keys.Count)];
        _refusal = null;
        for (_first = 0; _first < keys.Count; _first += most)
        {
            var count = Math.Min(most, keys.Count - _first);
            var sequence = conversation.Reserve(count);
            var length = 0;
            for (var i = 0; i < count; i++)
            {
                var writer = new MessageWriter(_buffer.AsSpan(length), RtmType.GetLink, MessageFlags.Request, sequence + (uint)i);
                write(ref writer, keys[_first + i]);
                length += writer.End();
            }

            var subject = keys.Count == 1
                ? keys[0]?.ToString() ?? ""
                : string.Create(CultureInfo.InvariantCulture, $"{keys.Count} links");
            conversation.Exchange(_buffer.AsSpan(0, length), sequence, count, "getlink", subject, this);
            if (_refusal is { } refusal)
            {
                throw new NetlinkException(refusal with { Object = subject });
            }
        }

        return Interlocked.Exchange(ref _found, _none);
    }
}
