using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A guest claims only its own addresses, and hears only answers that are for it.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class ArpCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("a question", Plain, ArpRequest(Plain, Outside.V4), Outside),
        Passes("a question to another guest", Plain, ArpRequest(Plain, Ruled.V4), Ruled),
        Passes("an answer", Plain, ArpReply(Plain, Outside), Outside),
        Passes("an answer to another guest", Plain, ArpReply(Plain, Ruled), Ruled),
        Passes("a probe before it takes its address", Plain, ArpRequest(Plain, Plain.V4) with { SenderIp = "0.0.0.0" }, Outside),
        Passes("an announcement of its address", Plain, ArpRequest(Plain, Plain.V4), Outside),
        Passes("a gratuitous answer", Plain, ArpReply(Plain, Station.Everybody) with { TargetIp = Plain.V4 }, Outside),
        Passes("a question from outside", Outside, ArpRequest(Outside, Plain.V4), Plain),
        Passes("an answer from outside", Outside, ArpReply(Outside, Plain), Plain),
        Passes("an announcement from outside", Outside, ArpRequest(Outside, Outside.V4), Plain),
        Passes("an answer from outside to its probe", Outside, ArpReply(Outside, Plain) with { TargetIp = "0.0.0.0" }, Plain),
        Passes("a question about a secondary address", Many, ArpRequest(Many, Outside.V4) with { SenderIp = "10.2.0.12" }, Outside),
        Passes("an answer with an address of its prefix", Many, ArpReply(Many, Outside) with { SenderIp = "10.3.0.9" }, Outside),
        Passes("an answer to a secondary address", Outside, ArpReply(Outside, Many) with { TargetIp = "10.3.0.9" }, Many),

        Stops("a question with another's address", Plain, ArpRequest(Plain, Outside.V4) with { SenderIp = Open.V4 }, Outside),
        Stops("a question with another's MAC inside", Plain, ArpRequest(Plain, Outside.V4) with { SenderMac = Open.Mac }, Outside),
        Stops("a question with another's MAC outside", Plain, ArpRequest(Plain, Outside.V4) with { SourceMac = Open.Mac }, Outside),
        Stops("an answer with another's address", Plain, ArpReply(Plain, Outside) with { SenderIp = Open.V4 }, Outside),
        Stops("an answer with another's MAC inside", Plain, ArpReply(Plain, Outside) with { SenderMac = Open.Mac }, Outside),
        Stops("an answer with the gateway's address to another guest", Plain, ArpReply(Plain, Open) with { SenderIp = Outside.V4 }, Open),
        Stops("a gratuitous answer with another's address", Plain, ArpReply(Plain, Station.Everybody) with { SenderIp = Outside.V4, TargetIp = Outside.V4 }, Open),
        Stops("a probe with another's MAC", Plain, ArpRequest(Plain, Plain.V4) with { SenderIp = "0.0.0.0", SenderMac = Open.Mac }, Outside),
        Stops("an answer with no address", Plain, ArpReply(Plain, Outside) with { SenderIp = "0.0.0.0" }, Outside),
        Stops("an answer for another", Outside, ArpReply(Outside, Plain) with { TargetIp = Open.V4 }, Plain),
        Stops("an answer for another, to everybody", Outside, ArpReply(Outside, Station.Everybody) with { TargetIp = Open.V4 }, Plain),
        Stops("another operation", Plain, ArpRequest(Plain, Outside.V4) with { Operation = 3 }, Outside),
        Stops("another operation, to a guest", Outside, ArpRequest(Outside, Plain.V4) with { Operation = 8 }, Plain),
        Stops("another hardware type", Plain, ArpRequest(Plain, Outside.V4) with { HardwareType = 6 }, Outside),
        Stops("one past its prefix", Many, ArpReply(Many, Outside) with { SenderIp = "10.3.0.16" }, Outside),
        Stops("an answer to one past its prefix", Outside, ArpReply(Outside, Many) with { TargetIp = "10.3.0.16" }, Many),
    ];
}
