using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

internal sealed class KernelRefusalTests
{
    [Test]
    public void Text_SaysOperationObjectReasonAndEvidence()
    {
        Assert.That(
            new KernelRefusal("newlink", "vxlan101", 17, "device exists", 36).ToString(),
            Is.EqualTo("newlink vxlan101: EEXIST (File exists), offset 36: \"device exists\""));
        Assert.That(new KernelRefusal("bind", "", 512).ToString(), Is.EqualTo("bind: error 512"));
    }

    [TestCase("dellink", 19, nameof(KernelRefusal.IsNotFound))]
    [TestCase("delneigh", 2, nameof(KernelRefusal.IsNotFound))]
    [TestCase("delroute", 3, nameof(KernelRefusal.IsNotFound))]
    [TestCase("deladdr", 99, nameof(KernelRefusal.IsNotFound))]
    [TestCase("newaddr", 99)]
    [TestCase("newlink", 17, nameof(KernelRefusal.IsAlreadyThere))]
    [TestCase("setlink", 16, nameof(KernelRefusal.IsBusy), nameof(KernelRefusal.IsRetryable))]
    [TestCase("newlink", 105, nameof(KernelRefusal.IsNoBuffers))]
    [TestCase("newlink", 95, nameof(KernelRefusal.IsNotSupported))]
    [TestCase("newlink", 1, nameof(KernelRefusal.IsRefused))]
    [TestCase("newlink", 13, nameof(KernelRefusal.IsRefused))]
    [TestCase("read", 4, nameof(KernelRefusal.IsRetryable))]
    [TestCase("read", 11, nameof(KernelRefusal.IsRetryable))]
    [TestCase("newlink", 12, nameof(KernelRefusal.IsRetryable))]
    [TestCase("newlink", 22)]
    public void Predicates_SayWhatTheCallerCanDo(string operation, int errno, params string[] expected)
    {
        var refusal = new KernelRefusal(operation, "x", errno);
        var exception = new NetlinkException(refusal);

        Assert.That(True(refusal), Is.EquivalentTo(expected));
        Assert.That(True(exception), Is.EquivalentTo(expected));
        Assert.That(exception.Message, Is.EqualTo(refusal.ToString()));
    }

    private static IEnumerable<string> True(object predicates) => predicates.GetType().GetProperties()
        .Where(p => p.PropertyType == typeof(bool) && (bool)p.GetValue(predicates)!)
        .Select(p => p.Name);
}
