using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.V1;
using FirewallTool = Cloudbr.Agent.Core.Model.FirewallTool;
using ModelBackend = Cloudbr.Agent.Core.Model.FirewallBackend;
using V1Backend = Cloudbr.Agent.V1.FirewallBackend;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class CapabilitiesMappingTests
{
    [Test]
    public void ToMessage_Host_IsTheHost() => Assert.That(
        ToMessage().Host,
        Is.EqualTo(new HostInfo { Hostname = "kvm-07", KernelRelease = "6.1.0", OsName = "Debian", BootId = "boot", Architecture = "x86_64" }));

    [TestCase(ModelBackend.None, V1Backend.Unspecified)]
    [TestCase(ModelBackend.Nft, V1Backend.Nft)]
    [TestCase(ModelBackend.Legacy, V1Backend.Legacy)]
    [TestCase(ModelBackend.Unknown, V1Backend.Unknown)]
    public void ToMessage_Backend_IsTheContracts(ModelBackend model, V1Backend expected) => Assert.That(
        ToMessage(new FirewallTool("iptables", "1.8.9", model, Availability.Available, "")).FirewallTools.Single().Backend, Is.EqualTo(expected));

    [TestCase(Availability.Available, FeatureState.Available)]
    [TestCase(Availability.Missing, FeatureState.Missing)]
    [TestCase(Availability.Unknown, FeatureState.Unknown)]
    public void ToMessage_Availability_IsTheContracts(Availability model, FeatureState expected) => Assert.That(
        ToMessage(new FirewallTool("ipset", "", ModelBackend.Unknown, model, "why")).FirewallTools.Single(),
        Is.EqualTo(new V1.FirewallTool { Name = "ipset", Backend = V1Backend.Unknown, State = expected, Reason = "why" }));

    private static Capabilities ToMessage(params IReadOnlyList<FirewallTool> tools) =>
        CapabilitiesMapping.ToMessage(new HostCapabilities(new HostIdentity("kvm-07", "6.1.0", "Debian", "boot", "x86_64"), tools));
}
