using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using static Cloudbr.Agent.Linux.Tests.Netlink.ScriptedSocket;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>Replies as a kernel may give them, and as it should not.</summary>
internal sealed class ConversationTests
{
    private const ushort Interrupted = 0x10;
    private const int NoBuffers = 105;

    private static readonly LinkSpec Bridge = new() { Name = "br", Kind = "bridge", Alias = "", Mtu = 1500 };

    [Test]
    public void Dump_ThatWasInterrupted_IsReadAgain()
    {
        var asked = 0;
        using var socket = Socket(out var kernel, r => asked++ < 2
            ? [Hex.Answering(Captured.BridgeLink, r, Interrupted), Hex.Answering(Captured.VethLink, r), Done(r)]
            : [Hex.Answering(Captured.VxlanLink, r), Done(r)]);

        Assert.That(socket.ReadLinks().Select(l => l.Name), Is.EqualTo(new[] { "vxlan101" }));
        Assert.That(kernel.Sent, Has.Count.EqualTo(3));
    }

    [Test]
    public void Dump_InterruptedAtItsEnd_IsReadAgain()
    {
        var asked = 0;
        using var socket = Socket(out _, r => asked++ == 0
            ? [Hex.Answering(Captured.BridgeLink, r), Done(r, Interrupted)]
            : [Hex.Answering(Captured.VxlanLink, r), Done(r)]);

        Assert.That(socket.ReadLinks().Select(l => l.Name), Is.EqualTo(new[] { "vxlan101" }));
    }

    [Test]
    public void Dump_InterruptedAgainAndAgain_IsGivenUp()
    {
        using var socket = Socket(out var kernel, r => [Hex.Answering(Captured.BridgeLink, r, Interrupted), Done(r)]);

        Assert.That(() => socket.ReadLinks(), Throws.TypeOf<NetlinkException>()
            .With.Message.EqualTo("read links: EINTR (Interrupted system call): \"changed each of the 8 times it was read\"")
            .And.Property("IsRetryable").True);
        Assert.That(kernel.Sent, Has.Count.EqualTo(8));
    }

    [Test]
    public void Dump_WhoseEndCarriesAnError_Fails()
    {
        using var socket = Socket(out _, r => [Hex.Answering(Captured.DoneWithError, r)]);

        Assert.That(() => socket.ReadAddresses(9999), Throws.TypeOf<NetlinkException>()
            .With.Message.EqualTo("read addresses of link 9999: ENODEV (No such device)"));
    }

    [Test]
    public void Dump_OfMessagesThatCannotBeRead_FailsAfterItsEnd()
    {
        var broken = Hex.Bytes(Captured.BridgeLink);
        broken[32] = 0xff;
        broken[33] = 0xff;
        var asked = 0;
        using var socket = Socket(out _, r =>
        {
            BitConverter.TryWriteBytes(broken.AsSpan(8), r);
            return asked++ == 0 ? [broken, Hex.Answering(Captured.VethLink, r), Done(r)] : [Hex.Answering(Captured.VxlanLink, r), Done(r)];
        });

        Assert.That(() => socket.ReadLinks(), Throws.TypeOf<NetlinkException>().With.Message.StartsWith("read message: EBADMSG"));
        Assert.That(socket.ReadLinks().Select(l => l.Name), Is.EqualTo(new[] { "vxlan101" }), "nothing of the first is left in the socket");
    }

    [Test]
    public void Dump_WithADatagramLargerThanTheBuffer_IsReadAgainWithALargerOne()
    {
        using var socket = Socket(out var kernel, r =>
        {
            List<byte> large = [];
            for (var i = 0; i < 100; i++)
            {
                large.AddRange(Hex.Answering(Captured.BridgeLink, r));
            }

            return [large.ToArray(), Done(r)];
        });

        Assert.That(socket.ReadLinks(), Has.Count.EqualTo(100));
        Assert.That(kernel.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public void Dump_OfWhichTheKernelDroppedAPart_IsReadAgain()
    {
        var asked = 0;
        using var socket = Socket(out _, r => asked++ == 0
            ? [Hex.Answering(Captured.BridgeLink, r), NoBuffers, Done(r)]
            : [Hex.Answering(Captured.VxlanLink, r), Done(r)]);

        Assert.That(socket.ReadLinks().Select(l => l.Name), Is.EqualTo(new[] { "vxlan101" }));
    }

    [Test]
    public void Dump_IgnoresAnswersToWhatWasAskedBefore()
    {
        using var socket = Socket(out _, r => [Hex.Answering(Captured.VethLink, r - 1), Done(r - 1), Hex.Answering(Captured.VxlanLink, r), Done(r)]);

        Assert.That(socket.ReadLinks().Select(l => l.Name), Is.EqualTo(new[] { "vxlan101" }));
    }

    [Test]
    public void Kernel_ThatDoesNotAnswer_IsTimedOut()
    {
        using var socket = Socket(out _, _ => []);

        Assert.That(() => socket.ReadLinks(), Throws.TypeOf<NetlinkException>().With.Message.StartsWith("read links: ETIMEDOUT"));
        Assert.That(() => socket.ReadLink("br"), Throws.TypeOf<NetlinkException>().With.Message.StartsWith("getlink br: ETIMEDOUT"));
    }

    [Test]
    public void Request_ThatCannotBeSent_SaysWhy()
    {
        using var socket = new RouteSocket(new ScriptedSocket(_ => []) { SendError = 90 });

        Assert.That(() => socket.ReadLinks(), Throws.TypeOf<NetlinkException>()
            .With.Message.EqualTo("read links: EMSGSIZE (Message too long): \"the request could not be sent\""));
    }

    [TestCase(nameof(Captured.CappedError))]
    [TestCase(nameof(Captured.UncappedError))]
    public void Refusal_WithAnExtendedAcknowledgement_HasItsText(string captured)
    {
        var bytes = captured == nameof(Captured.CappedError) ? Captured.CappedError : Captured.UncappedError;
        using var socket = Socket(out _, r => [Hex.Answering(bytes, r)]);

        Assert.That(Create(socket).ToString(), Is.EqualTo("newlink br: EOPNOTSUPP (Operation not supported): \"Unknown device type\""));
    }

    [Test]
    public void Refusal_OfAnAttribute_SaysWhereItStands()
    {
        using var socket = Socket(out _, r => [Hex.Answering(Captured.AttributeError, r)]);

        var refusal = Create(socket);

        Assert.That(refusal, Is.EqualTo(new KernelRefusal("newlink", "br", 34, "Attribute failed policy validation", 40)));
        Assert.That(
            refusal.ToString(),
            Is.EqualTo("newlink br: ERANGE (Numerical result out of range), offset 40: \"Attribute failed policy validation\""));
    }

    [Test]
    public void Acknowledgement_IsNoRefusal()
    {
        using var socket = Socket(out _, r => [Hex.Answering(Captured.Acknowledgement, r)]);
        var batch = socket.NewBatch();
        batch.CreateLink(Bridge, 0, 0);

        Assert.That(batch.Send(), Is.EqualTo(new KernelRefusal?[] { null }));
    }

    [Test]
    public void Answers_InAnyOrderAndGrouping_FindTheirRequests()
    {
        var kernel = new ScriptedSocket(requests =>
        {
            var acks = requests.Select((r, i) => Acknowledge(r, i % 3 == 0 ? 17 : 0)).Reverse().ToList();
            return [.. acks.Chunk(4).Select(c => (Reply)c.SelectMany(m => m).ToArray())];
        });
        using var socket = new RouteSocket(kernel);
        var batch = socket.NewBatch();
        for (var i = 0; i < 10; i++)
        {
            batch.DeleteLink(100 + i);
        }

        var refusals = batch.Send();

        Assert.That(refusals.Select(r => r is null), Is.EqualTo(Enumerable.Range(0, 10).Select(i => i % 3 != 0)));
        Assert.That(refusals[3]!.Object, Is.EqualTo("link 103"));
    }

    [Test]
    public void Answers_ThatTheKernelDropped_AreUnknown()
    {
        var kernel = new ScriptedSocket(requests => [Acknowledge(requests[0]), NoBuffers, Acknowledge(requests[2], 19)]);
        using var socket = new RouteSocket(kernel);
        var batch = socket.NewBatch();
        batch.DeleteLink(1);
        batch.DeleteLink(2);
        batch.DeleteLink(3);

        var refusals = batch.Send();

        Assert.That(refusals[0], Is.Null);
        Assert.That(
            refusals[1]!.ToString(),
            Is.EqualTo("dellink link 2: ETIMEDOUT (Connection timed out): \"the kernel's answer was lost: what became of it is unknown\""));
        Assert.That(refusals[2]!.IsNotFound, Is.True);
    }

    [Test]
    public void Send_WithASmallReceiveBuffer_SendsNoMoreThanItsAnswersFitInto()
    {
        var kernel = new ScriptedSocket(requests => requests.Select(r => (Reply)Acknowledge(r))) { ReceiveCapacity = 8192 };
        using var socket = new RouteSocket(kernel);
        var batch = socket.NewBatch();
        for (var i = 0; i < 10; i++)
        {
            batch.DeleteLink(100 + i);
        }

        var refusals = batch.Send();
        Assert.That(refusals, Has.Count.EqualTo(10));
        Assert.That(refusals, Is.All.Null);
        Assert.That(kernel.Sent.Select(d => d.Length / 32), Is.EqualTo(new[] { 4, 4, 2 }));
    }

    [Test]
    public void Send_OfMuch_SplitsWhatOneDatagramDoesNotHold()
    {
        var kernel = new ScriptedSocket(requests => requests.Select(r => (Reply)Acknowledge(r))) { ReceiveCapacity = int.MaxValue };
        using var socket = new RouteSocket(kernel);
        var batch = socket.NewBatch();
        for (var i = 0; i < 5000; i++)
        {
            batch.DeleteLink(100 + i);
        }

        var refusals = batch.Send();
        Assert.That(refusals, Has.Count.EqualTo(5000));
        Assert.That(refusals, Is.All.Null);
        Assert.That(kernel.Sent.Select(d => d.Length), Is.All.LessThanOrEqualTo(64 * 1024));
        Assert.That(kernel.Sent, Has.Count.EqualTo(3));
        Assert.That(socket.Writes, Is.EqualTo(5000));
    }

    [Test]
    public void Monitor_ThatLostOrCannotRead_SaysSoAndGoesOn()
    {
        var kernel = new ScriptedSocket(_ => []);
        using var monitor = new RouteMonitor(kernel, null);
        List<RouteEvent> events = [];

        kernel.Push(Hex.Bytes(Captured.LinkEvent), NoBuffers, Hex.Bytes(Captured.LinkEvent));
        Assert.That(monitor.Drain(events), Is.False);
        Assert.That(events, Has.Count.EqualTo(2));

        kernel.Push(Hex.Bytes(Captured.LinkEvent)[..^9], Hex.Bytes(Captured.LinkEvent));
        Assert.That(monitor.Drain(events), Is.False);
        Assert.That(events, Has.Count.EqualTo(3));

        kernel.Push(new byte[4 * 1024 * 1024]);
        Assert.That(monitor.Drain(events), Is.False, "cut");

        kernel.Push(Hex.Bytes(Captured.LinkEvent));
        Assert.That(monitor.Drain(events), Is.True);

        kernel.Push((Reply)9);
        Assert.That(() => monitor.Drain(events), Throws.TypeOf<NetlinkException>().With.Message.StartsWith("receive events: EBADF"));
    }

    private static RouteSocket Socket(out ScriptedSocket kernel, Func<uint, Reply[]> answer)
    {
        kernel = new ScriptedSocket(requests => answer(requests[0].Sequence));
        return new RouteSocket(kernel);
    }

    private static KernelRefusal Create(RouteSocket socket)
    {
        var batch = socket.NewBatch();
        batch.CreateLink(Bridge, 0, 0);
        return batch.Send()[0]!;
    }
}
