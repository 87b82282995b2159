namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>One line of a table: what is sent from where, and whether it arrives.</summary>
public sealed record PacketCase(Station From, Packet Sent, Station To, bool Arrives)
{
    /// <summary>What does not pass because of the bridge that it is on passes where the kernel cannot match bridges.</summary>
    public bool NeedsBridgeNames { get; init; }

    public static TestCaseData Passes(string what, Station from, Packet sent, Station to) => Data(what, new(from, sent, to, Arrives: true));

    public static TestCaseData Stops(string what, Station from, Packet sent, Station to) => Data(what, new(from, sent, to, Arrives: false));

    /// <summary>As <see cref="Stops"/>, where the kernel can match bridges.</summary>
    public static TestCaseData StopsByBridge(string what, Station from, Packet sent, Station to) =>
        Data(what, new(from, sent, to, Arrives: false) { NeedsBridgeNames = true });

    /// <summary>Sends it on the one host that all tables share.</summary>
    public void Check()
    {
        if (NeedsBridgeNames && !FilterTools.MatchesBridges)
        {
            Assert.Ignore("needs bridge names in the packet filter of frames, which this kernel lacks");
        }

        Assert.That(SecuredHost.Scene.Passes(From, Sent, To), Is.EqualTo(Arrives), Arrives ? "it must arrive" : "it must not arrive");
    }

    private static TestCaseData Data(string what, PacketCase one) =>
        new TestCaseData(one).SetArgDisplayNames($"{what}, {one.From} to {one.To}: {(one.Arrives ? "arrives" : "does not arrive")}");
}
