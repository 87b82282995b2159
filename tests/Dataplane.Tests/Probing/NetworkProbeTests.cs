using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Dataplane.Probing;

namespace Cloudbr.Agent.Dataplane.Tests.Probing;

internal sealed class NetworkProbeTests
{
    [TestCase("tbf police", ShapingMeans.Police)]
    [TestCase("tbf ifb", ShapingMeans.Redirect)]
    [TestCase("tbf police ifb", ShapingMeans.Police)]
    [TestCase("police ifb", ShapingMeans.None)]
    [TestCase("tbf", ShapingMeans.None)]
    public void Shaping_NeedsBothDirections(string has, ShapingMeans expected)
    {
        string[] asked = ["tbf", "police", "ifb"];
        var features = asked.Select(f => new KernelFeature(f, has.Split(' ').Contains(f) ? Availability.Available : Availability.Missing, "")).ToList();
        Assert.That(NetworkProbe.Describe([new KernelFeature("bridge", Availability.Available, ""), .. features]).ShapedBy, Is.EqualTo(expected));
    }
}
