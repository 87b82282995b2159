using System.Buffers;
using Cloudbr.Agent.Linux.Netlink.Trace;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>Takes one message of a dump; what it does not know it leaves alone.</summary>
internal delegate void DumpReader<T>(in MessageHeader header, ReadOnlySpan<byte> payload, List<T> into);

/// <summary>
/// Requests and their answers on one socket, and the only place that interprets replies: acknowledgements, ends of dumps,
/// dumps that were interrupted, answers that were cut or lost. Used by one thread at a time.
/// </summary>
internal sealed class Conversation(IDatagramSocket socket) : IDisposable
{
    /// <summary>A table that changes each time it is read will not hold still the ninth time either.</summary>
    private const int MaxDumps = 8;

    private const int FirstBuffer = 64 * 1024;
    private const int LargestBuffer = 4 * 1024 * 1024;

    private static readonly KernelVerdict Lost = new(Errno.TimedOut, "the kernel's answer was lost: what became of it is unknown", null);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private bool[] _answered = [];
    private uint _sequence;

    /// <inheritdoc cref="IDatagramSocket.ReceiveCapacity"/>
    public int ReceiveCapacity => socket.ReceiveCapacity;

    /// <summary>Reserves sequence numbers for so many requests and returns the first of them.</summary>
    public uint Reserve(int count)
    {
        // 0 is what the kernel's own messages carry, so no request may; the numbers of a datagram do not wrap either.
        if (_sequence > uint.MaxValue - (uint)count - 1)
        {
            _sequence = 0;
        }

        var first = _sequence + 1;
        _sequence += (uint)count;
        return first;
    }

    /// <summary>Sends a request that reads a whole table, again if the table changed meanwhile.</summary>
    public List<T> Dump<T>(Span<byte> request, string operation, string subject, DumpReader<T> read)
    {
        var found = new List<T>();
        for (var attempt = 0; attempt < MaxDumps; attempt++)
        {
            found.Clear();
            var sequence = Reserve(1);
            MessageWriter.SetSequence(request, sequence);
            Send(request, operation, subject);
            if (TryReadDump(sequence, operation, subject, read, found))
            {
                return found;
            }
        }

        throw new NetlinkException(
            new KernelRefusal(operation, subject, Errno.Interrupted, $"changed each of the {MaxDumps} times it was read"));
    }

    /// <summary>
    /// Sends requests with the sequence numbers from <paramref name="first"/> on, and hears one answer to each: a message or a verdict.
    /// </summary>
    public void Exchange(ReadOnlySpan<byte> datagram, uint first, int count, string operation, string subject, IAnswers answers)
    {
        if (_answered.Length < count)
        {
            _answered = new bool[count];
        }

        Array.Clear(_answered, 0, count);
        Send(datagram, operation, subject);
        NetlinkException? failure = null;
        var missing = count;
        var lossy = false;
        while (missing > 0)
        {
            var length = socket.Receive(_buffer, wait: !lossy);
            if (length == -Errno.NoBuffers)
            {
                // What is left of the answers lies in the socket already.
                lossy = true;
                continue;
            }

            if (length == -Errno.Again)
            {
                if (lossy)
                {
                    break;
                }

                throw new NetlinkException(new KernelRefusal(operation, subject, Errno.TimedOut, "the kernel did not answer"));
            }

            try
            {
                missing -= Hear(Datagram(length, operation, subject), first, count, answers);
            }
            catch (NetlinkException e) when (length >= 0)
            {
                // The answers after it must not be taken for answers to the next requests, nor awaited if it was the last.
                failure ??= e;
                lossy = true;
            }
        }

        if (failure is not null)
        {
            throw failure;
        }

        for (var i = 0; missing > 0 && i < count; i++)
        {
            if (!_answered[i])
            {
                answers.OnVerdict(i, Lost);
            }
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private int Hear(ReadOnlySpan<byte> datagram, uint first, int count, IAnswers answers)
    {
        var heard = 0;
        foreach (var message in new MessageReader(datagram))
        {
            var request = message.Header.Sequence - first;
            if (request >= (uint)count || _answered[request])
            {
                continue;
            }

            var type = message.Header.Type;
            if (type is ControlMessage.Error or ControlMessage.Done)
            {
                answers.OnVerdict((int)request, KernelVerdict.Read(message.Header, message.Payload));
            }
            else if (type > ControlMessage.LastReserved)
            {
                answers.OnMessage((int)request, message.Header, message.Payload);
            }
            else
            {
                continue;
            }

            _answered[request] = true;
            heard++;
        }

        return heard;
    }

    /// <summary>False if it has to be read again. Reads to the end in any case: the socket is refused another dump before.</summary>
    private bool TryReadDump<T>(uint sequence, string operation, string subject, DumpReader<T> read, List<T> found)
    {
        NetlinkException? failure = null;
        var usable = true;
        while (true)
        {
            var length = socket.Receive(_buffer, wait: true);
            if (length > _buffer.Length && _buffer.Length < LargestBuffer)
            {
                usable = false;
                Grow(length);
                continue;
            }

            if (length == -Errno.NoBuffers)
            {
                usable = false;
                continue;
            }

            if (length == -Errno.Again)
            {
                throw failure
                    ?? new NetlinkException(new KernelRefusal(operation, subject, Errno.TimedOut, "the kernel did not answer"));
            }

            try
            {
                foreach (var message in new MessageReader(Datagram(length, operation, subject)))
                {
                    if (message.Header.Sequence != sequence)
                    {
                        continue;
                    }

                    usable &= !message.Header.Has(MessageFlags.DumpInterrupted);
                    if (message.Header.Type is ControlMessage.Done or ControlMessage.Error)
                    {
                        var refusal = KernelVerdict.Read(message.Header, message.Payload).AsRefusal(operation, subject);
                        failure ??= refusal is null ? null : new NetlinkException(refusal);
                        return failure is null ? usable : throw failure;
                    }

                    if (usable && failure is null && message.Header.Type > ControlMessage.LastReserved)
                    {
                        read(message.Header, message.Payload, found);
                    }
                }
            }
            catch (NetlinkException e) when (failure is null && length > 0)
            {
                failure = e;
            }
        }
    }

    private void Send(ReadOnlySpan<byte> datagram, string operation, string subject)
    {
        NetlinkTrace.Sent(datagram);
        var error = socket.Send(datagram);
        if (error != 0)
        {
            throw new NetlinkException(new KernelRefusal(operation, subject, error, "the request could not be sent"));
        }
    }

    private ReadOnlySpan<byte> Datagram(int length, string operation, string subject)
    {
        if (length < 0)
        {
            throw new NetlinkException(new KernelRefusal(operation, subject, -length, "the answer could not be received"));
        }

        if (length > _buffer.Length)
        {
            throw new NetlinkException(new KernelRefusal(
                operation, subject, Errno.MessageSize, $"an answer of {length} bytes was cut to {_buffer.Length}"));
        }

        var datagram = _buffer.AsSpan(0, length);
        NetlinkTrace.Received(datagram);
        return datagram;
    }

    private void Grow(int length)
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(LargestBuffer, length * 2));
    }
}
