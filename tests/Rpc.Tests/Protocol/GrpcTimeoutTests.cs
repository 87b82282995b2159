using Cloudbr.Agent.Rpc.Protocol;

namespace Cloudbr.Agent.Rpc.Tests.Protocol;

internal sealed class GrpcTimeoutTests
{
    private static readonly TimeSpan MostThatFits = TimeSpan.FromHours(99_999_999);

    [Property(MaxTest = 1000)]
    public void Format_AnyTimeout_IsAtMostEightDigitsAndNeverShorterThanAsked(TimeSpan timeout)
    {
        var text = GrpcTimeout.Format(timeout);

        Assert.That(text, Does.Match("^[0-9]{1,8}[HMSmun]$"));
        Assert.That(GrpcTimeout.TryParse(text, out var parsed));
        Assert.That(parsed, Is.GreaterThanOrEqualTo(timeout < MostThatFits ? timeout : MostThatFits));
    }

    [Property(MaxTest = 1000)]
    public void Format_UpToAMinute_IsExactToTheMicrosecond(uint ticks)
    {
        var timeout = TimeSpan.FromTicks(1 + (ticks % TimeSpan.TicksPerMinute));

        Assert.That(GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var parsed));
        Assert.That(parsed - timeout, Is.LessThan(TimeSpan.FromMicroseconds(1)));
    }

    [Test]
    public void Format_LongestTimeSpan_StaysWithinEightDigits() =>
        Assert.That(GrpcTimeout.Format(TimeSpan.MaxValue), Is.EqualTo("99999999H"));

    [Test]
    public void Format_NothingLeft_IsTheShortestTimeout([Values(0, -1, long.MinValue)] long ticks) =>
        Assert.That(GrpcTimeout.Format(TimeSpan.FromTicks(ticks)), Is.EqualTo("1n"));

    [TestCase("1H", 36_000_000_000)]
    [TestCase("2M", 1_200_000_000)]
    [TestCase("3S", 30_000_000)]
    [TestCase("4m", 40_000)]
    [TestCase("5u", 50)]
    [TestCase("600n", 6)]
    [TestCase("1n", 1)]
    [TestCase("101n", 2)]
    [TestCase("0S", 0)]
    [TestCase("00000001S", 10_000_000)]
    [TestCase("99999999H", 3_599_999_964_000_000_000)]
    public void TryParse_EachUnit_IsUnderstood(string text, long ticks)
    {
        Assert.That(GrpcTimeout.TryParse(text, out var timeout));
        Assert.That(timeout.Ticks, Is.EqualTo(ticks));
    }

    [Test]
    public void TryParse_Malformed_IsRefused(
        [Values("", "1", "S", "1s", "1h", "-1S", "+1S", "1.5S", " 1S", "1S ", "1 S", "123456789S", "0x1S", "1SS", "1,0S", "٣S")] string text) =>
        Assert.That(GrpcTimeout.TryParse(text, out _), Is.False);

    [Property(MaxTest = 500)]
    public void TryParse_AnyText_NeverThrowsAndNeverGivesANegativeTimeout(string? text)
    {
        if (GrpcTimeout.TryParse(text, out var timeout))
        {
            Assert.That(timeout, Is.GreaterThanOrEqualTo(TimeSpan.Zero));
        }
    }
}
