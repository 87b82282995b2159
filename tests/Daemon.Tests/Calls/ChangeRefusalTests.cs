using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Requests that are refused before the dataplane hears of them: where, why, and in which details.</summary>
internal sealed class ChangeRefusalTests
{
    private static V1.ChangeOptions Within(long seconds, int nanos) =>
        new() { RequestId = "r", ConfirmWithin = new Duration { Seconds = seconds, Nanos = nanos } };

    private static readonly V1.ChangeOptions Unconfirmed = new() { RequestId = "r", ConfirmWithin = new Duration { Seconds = 60 } };

    private static IEnumerable<TestCaseData> Wrong { get; } =
    [
        Of(new V1.ImplementRequest(), "change.request_id", "network"),
        Of(new V1.ImplementRequest { Change = Samples.Change("ä"), Network = Samples.Vlan() }, "change.request_id"),
        Of(Samples.Implement(new V1.Network { Id = "x", PhysicalNetwork = "cloudbr1" }), "network.isolation"),
        Of(Samples.Implement(Samples.Vlan(vid: 0)), "network.vlan.vid"),
        Of(Samples.Implement(OnLabel("cloudbr9")), "network.physical_network"),
        Of(Samples.Implement(OnLabel("")), "network.physical_network"),
        Of(new V1.ShutdownRequest { Change = Samples.Change() }, "network_id"),
        Of(new V1.ApplyRequest { Change = Samples.Change() }, "config"),
        Of(Samples.Apply(new V1.HostConfig { Networks = { Samples.Vlan() } }), "config.networks[0].physical_network"),
        Of(
            Samples.Apply(new V1.HostConfig { PhysicalNetworks = { Samples.Physical() }, Networks = { Samples.Vlan("a"), Samples.Vlan("b") } }),
            "config.networks[1].vlan.vid"),
        Of(Sectioned(V1.ConfigSection.Unspecified), "sections[0]"),
        Of(Sectioned((V1.ConfigSection)99), "sections[0]"),
        Of(Sectioned(V1.ConfigSection.Networks, V1.ConfigSection.Networks), "sections[1]"),
        Of(
            new V1.ApplyRequest
            {
                Change = Samples.Change(), Config = new V1.HostConfig { Settings = new V1.HostSettings() }, Sections = { V1.ConfigSection.Networks },
            },
            "config.settings"),
        Of(
            new V1.ApplyRequest
            {
                Change = Samples.Change(), Config = new V1.HostConfig { Drift = new V1.DriftPolicy() }, Sections = { V1.ConfigSection.Networks },
            },
            "config.drift"),
        Of(Samples.Apply(new V1.HostConfig { Drift = new V1.DriftPolicy { MaxHealsPerMinute = 601 } }), "config.drift.max_heals_per_minute"),
        Of(new V1.ResyncRequest { Change = Unconfirmed }, "change.confirm_within"),
        Of(new V1.ConfirmRequest { Change = Unconfirmed, Generation = 1 }, "change.confirm_within"),
        Of(new V1.ConfirmRequest { Change = new V1.ChangeOptions { RequestId = "r", AllowDisruption = true } }, "change.allow_disruption", "generation"),
        Of(new V1.PlanRequest { Confirm = new V1.ConfirmRequest() }, "confirm.generation"),
        Of(new V1.ImplementRequest { Change = Within(0, 999_999_999), Network = Samples.Vlan() }, "change.confirm_within"),
        Of(new V1.ImplementRequest { Change = Within(3600, 100), Network = Samples.Vlan() }, "change.confirm_within"),
        Of(new V1.ShutdownRequest { Change = Within(-1, 0), NetworkId = "x" }, "change.confirm_within"),
        Of(new V1.RollbackRequest { Change = Within(5, -5), ToGeneration = 1 }, "change.confirm_within"),
        Of(Samples.Apply(new V1.HostConfig { Ports = { new V1.Port() } }), "config.ports[0].mac", "config.ports[0].nic_id", "config.ports[0].network_id"),
        Of(Samples.Apply(new V1.HostConfig { AddressGroups = { new V1.AddressGroup() } }), "config.address_groups[0].name"),
        Of(Samples.Apply(new V1.HostConfig { HostAccess = new V1.HostAccess { PeerCidrs = { "10.0.0.1/8" } } }), "config.host_access.peer_cidrs[0]"),
        Of(new V1.PlanRequest { Prepare = new V1.PrepareRequest() }, "prepare.port"),
        Of(new V1.PlanRequest { Prepare = Samples.Prepare() }, "prepare.port.security"),
        Of(
            new V1.PlanRequest
            {
                Prepare = new V1.PrepareRequest { Port = Samples.Port(network: "net-9"), AddressGroups = { Samples.Group(), Samples.Group(), new V1.AddressGroup { Members = { "x" } } } },
            },
            "prepare.address_groups[2].members[0]",
            "prepare.address_groups[1].name",
            "prepare.address_groups[2].name",
            "prepare.port.network_id"),
        Of(
            new V1.PlanRequest { Prepare = new V1.PrepareRequest { Port = Samples.Port() } },
            "prepare.port.security",
            "prepare.port.security.ingress[0].address_groups[0]"),
        Of(new V1.PlanRequest { Release = new V1.ReleaseRequest() }, "release.nic_id"),
        Of(new V1.PlanRequest { Release = new V1.ReleaseRequest { NicId = "a\nb" } }, "release.nic_id"),
        Of(new V1.PlanRequest(), "request"),
        Of(new V1.PlanRequest { Implement = Samples.Implement(Samples.Vlan(vid: 0)) }, "implement.network.vlan.vid"),
        Of(new V1.PlanRequest { Shutdown = new V1.ShutdownRequest() }, "shutdown.network_id"),
        Of(new V1.PlanRequest { Apply = Samples.Apply(new V1.HostConfig { Networks = { Samples.Vlan() } }) }, "apply.config.networks[0].physical_network"),
        Of(new V1.PlanRequest { Resync = new V1.ResyncRequest { Change = Unconfirmed } }, "resync.change.confirm_within"),
        Of(new V1.CheckPhysicalNetworksRequest { PhysicalNetworks = { new V1.PhysicalNetwork { Label = "a b" } } }, "physical_networks[0].label"),
        Of(
            new V1.CheckPhysicalNetworksRequest { PhysicalNetworks = { new V1.PhysicalNetwork { Label = "a" }, new V1.PhysicalNetwork { Label = "a" } } },
            "physical_networks[1].label"),
        Of(new V1.GetConfigRequest { Sections = { V1.ConfigSection.Unspecified } }, "sections[0]"),
        Of(new V1.GetStateRequest { IncludeForwardingEntries = true }, "include_forwarding_entries"),
    ];

    private static IEnumerable<TestCaseData> NotYet { get; } =
    [
        Of(Samples.Apply(new V1.HostConfig { Probing = new V1.PathProbing() }), "config.probing"),
        Of(Sectioned(V1.ConfigSection.Probing), "sections[0]"),
        Of(Sectioned(V1.ConfigSection.Networks, V1.ConfigSection.Probing), "sections[1]"),
        Of(new V1.PlanRequest { Apply = Samples.Apply(new V1.HostConfig { Probing = new V1.PathProbing() }) }, "apply.config.probing"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public async Task Request_WithAFault_IsInvalidArgumentAtItsPath(IMessage request, string[] paths)
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var refused = await Refused.ByAsync(() => ChangeTests.CallAsync(agent, request));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument), refused.Words);
        Assert.That(refused.Violations.Select(v => v.Field), Is.EqualTo(paths));
        Assert.That(refused.Info.Reason, Is.EqualTo("INVALID_ARGUMENT"));
        Assert.That((refused.Failure.FieldPath, refused.Failure.Message), Is.EqualTo((paths[0], refused.Violations[0].Description)));
        Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(1), "nobody else was asked");
    }

    [TestCaseSource(nameof(NotYet))]
    public async Task Request_ForWhatThisVersionDoesNotDo_IsRefusedByName(IMessage request, string[] paths)
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var refused = await Refused.ByAsync(() => ChangeTests.CallAsync(agent, request));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.FailedPrecondition), refused.Words);
        Assert.That(refused.Words, Does.StartWith(paths[0]).And.Contain("part of the contract, and this agent (").And.EndWith(") does not do it yet"));
        Assert.That((refused.Info.Reason, refused.Info.Metadata["field_path"]), Is.EqualTo(("NOT_IN_THIS_VERSION", paths[0])));
        Assert.That((refused.Failure.Reason, refused.Failure.FieldPath), Is.EqualTo(("NOT_IN_THIS_VERSION", paths[0])));
        Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(1), "nobody else was asked");
    }

    [Test]
    public async Task Request_WithAFaultAndForWhatIsNotYet_IsToldOfTheFault()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var config = new V1.HostConfig { Probing = new V1.PathProbing(), PhysicalNetworks = { Samples.Physical() }, Networks = { Samples.Vlan(vid: 0) } };
        var refused = await Refused.ByAsync(() => ChangeTests.CallAsync(agent, Samples.Apply(config)));
        Assert.That((refused.Code, refused.Violations.Single().Field), Is.EqualTo((StatusCode.InvalidArgument, "config.networks[0].vlan.vid")));
    }

    [Test]
    public async Task Implement_WithoutTheSecurityGroupsThatPortsNeed_IsInvalidArgument()
    {
        await using var agent = await InProcessAgent.StartAsync();
        await agent.HostNetwork.ApplyAsync(Samples.Apply(Samples.Whole()));
        var refused = await Refused.ByAsync(() => ChangeTests.CallAsync(agent, Samples.Implement(Samples.Vlan(), "open")));
        Assert.That((refused.Code, refused.Violations.Single().Field), Is.EqualTo((StatusCode.InvalidArgument, "network.security")));
    }

    private static V1.Network OnLabel(string label)
    {
        var network = Samples.Vlan();
        network.PhysicalNetwork = label;
        return network;
    }

    private static V1.ApplyRequest Sectioned(params V1.ConfigSection[] sections) =>
        new() { Change = Samples.Change(), Config = new V1.HostConfig(), Sections = { sections } };

    private static TestCaseData Of(IMessage request, params string[] paths) =>
        new TestCaseData(request, paths).SetArgDisplayNames(request.Descriptor.Name, string.Join(" ", paths));
}
