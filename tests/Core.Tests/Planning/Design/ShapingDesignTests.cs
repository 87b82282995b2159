using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Core.Tests.Planning.Design;

internal sealed class ShapingDesignTests
{
    private const int Mtu = 1500;

    /// <summary>50 ms of burst and 100 ms of queue, and never less than a frame and two large packets.</summary>
    [TestCase(8_000L, 1_518L, 131_072L)]
    [TestCase(10_000_000L, 62_500L, 131_072L)]
    [TestCase(100_000_000L, 625_000L, 1_250_000L)]
    [TestCase(1_000_000_000L, 6_250_000L, 12_500_000L)]
    [TestCase(400_000_000_000L, 268_435_456L, 67_108_864L)]
    public void Queue_IsSizedForTheRate(long rate, long burst, long queue)
    {
        var bucket = ShapingDesign.Queue(new Rate(rate, null), Mtu);
        Assert.That((bucket.BytesPerSecond, (long)bucket.QueueBytes), Is.EqualTo((rate / 8, queue)));
        Assert.That(bucket.BurstBytes, Is.InRange(burst, burst + Tick(rate)));
    }

    /// <summary>300 ms of burst, and never less than the largest packet.</summary>
    [TestCase(8_000L, 81_920L)]
    [TestCase(10_000_000L, 375_000L)]
    [TestCase(1_000_000_000L, 37_500_000L)]
    [TestCase(400_000_000_000L, 268_435_456L)]
    public void Police_IsSizedForTheRate(long rate, long burst)
    {
        var bucket = ShapingDesign.Police(new Rate(rate, null));
        Assert.That((bucket.BytesPerSecond, bucket.QueueBytes), Is.EqualTo((rate / 8, 0u)), "nothing waits");
        Assert.That(bucket.BurstBytes, Is.InRange(burst, burst + Tick(rate)));
    }

    [Test]
    public void Burst_ThatIsAskedFor_IsTaken_UnlessNothingWouldPass()
    {
        Assert.That(ShapingDesign.Queue(new Rate(80_000_000, 20_000), Mtu).BurstBytes, Is.EqualTo(20_000));
        Assert.That(ShapingDesign.Queue(new Rate(80_000_000, 1_600), mtu: 9_000).BurstBytes, Is.EqualTo(9_018));
        Assert.That(ShapingDesign.Police(new Rate(80_000_000, 1_600)).BurstBytes, Is.EqualTo(81_920));
        Assert.That(ShapingDesign.Police(new Rate(80_000_000, 200_000)).BurstBytes, Is.EqualTo(200_000));
    }

    [Test]
    public void Burst_ThatTheKernelCannotBeToldOf_IsTheLongest() =>
        Assert.That(TokenBucket.Of(1, 1_000_000, 0).BurstTicks, Is.EqualTo(uint.MaxValue));

    [Test]
    public void Ifb_IsThePortsOwn_AndThereOnlyWhereItIsNeeded()
    {
        var port = new Port { NicId = "0e5d0a7c-8f7b-4a44-9c1e-5f0b7a4c2d11", Network = "n", Mac = MacAddress.Parse("02:00:4c:00:00:05"), RateLimit = new(null, new Rate(8_000, null)) };
        var design = new PortDesign(port, "br", "vnet0", Mtu, PortPresence.Attached) { ShapedBy = ShapingMeans.Redirect };

        var ifb = ShapingDesign.Ifb(design)!;
        Assert.That((ifb.Name.Length, ifb.Alias), Is.EqualTo((15, "cloudbr:port:0e5d0a7c-8f7b-4a44-9c1e-5f0b7a4c2d11")));
        Assert.That(ShapingDesign.Ifb(design with { Port = port with { NicId = port.NicId[..^1] + "2" } })!.Name, Is.Not.EqualTo(ifb.Name));
        Assert.That(ShapingDesign.Ifb(design with { ShapedBy = ShapingMeans.Police }), Is.Null);
        Assert.That(ShapingDesign.Ifb(design with { Port = port with { RateLimit = new(new Rate(8_000, null), null) } }), Is.Null);
        Assert.That(ShapingDesign.Ifb(design with { Port = port with { RateLimit = null } }), Is.Null);
    }

    /// <summary>What the kernel's unit of 64 ns, and one more of it, come to at this rate.</summary>
    private static long Tick(long rate) => (rate / 8 * 64 / 1_000_000_000) + 1;
}
