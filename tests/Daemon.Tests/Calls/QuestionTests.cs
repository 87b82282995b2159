using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ForwardingEntry = Cloudbr.Agent.Core.Model.Links.ForwardingEntry;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Calls that change nothing.</summary>
internal sealed class QuestionTests
{
    [Test]
    public async Task GetConfig_BeforeAnythingWasAsked_IsEmptyGenerationZero()
    {
        await using var agent = await InProcessAgent.StartAsync();
        Assert.That(
            await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest()), Is.EqualTo(new V1.GetConfigResponse { Config = new V1.HostConfig() }));
    }

    [Test]
    public async Task GetConfig_TheGenerationInForce_IsThere()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var config = await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Generation = 1 });
        Assert.That(config.AcceptedAt, Is.EqualTo(Timestamp.FromDateTimeOffset(FakeDataplane.Now)));
        Assert.That(config.Config, Is.EqualTo(Samples.Config()));
    }

    [TestCase(0ul)]
    [TestCase(2ul)]
    public async Task GetConfig_AnotherGeneration_IsNotFound(ulong generation)
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Generation = generation }));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.NotFound));
        Assert.That((refused.Info.Reason, refused.Info.Metadata["generation"]), Is.EqualTo(("NO_SUCH_GENERATION", "1")));
        Assert.That(refused.Words, Does.StartWith($"generation {generation} is not kept here"));
    }

    [TestCase(V1.ConfigSection.PhysicalNetworks)]
    [TestCase(V1.ConfigSection.Networks)]
    [TestCase(V1.ConfigSection.ControlNetwork)]
    [TestCase(V1.ConfigSection.Settings)]
    [TestCase(V1.ConfigSection.Providers)]
    public async Task GetConfig_OneSection_IsThatAlone(V1.ConfigSection section)
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var (sample, expected) = (Samples.Config(), new V1.HostConfig());
        switch (section)
        {
            case V1.ConfigSection.PhysicalNetworks:
                expected.PhysicalNetworks.Add(sample.PhysicalNetworks);
                break;
            case V1.ConfigSection.Networks:
                expected.Networks.Add(sample.Networks);
                break;
            case V1.ConfigSection.ControlNetwork:
                expected.ControlNetwork = sample.ControlNetwork;
                break;
            case V1.ConfigSection.Settings:
                expected.Settings = sample.Settings;
                break;
            default:
                expected.Providers.Add(sample.Providers);
                break;
        }

        Assert.That((await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Sections = { section } })).Config, Is.EqualTo(expected));
    }

    [Test]
    public async Task GetState_OfAll_HasNetworksPhysicalNetworksSettingsAndStatus()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var state = (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest())).State;
        Assert.That((state.Status.State, state.Status.Generation), Is.EqualTo((V1.AgentState.Drifted, 1ul)), "the fake has none of it");
        Assert.That(state.AsOf, Is.EqualTo(Timestamp.FromDateTimeOffset(FakeDataplane.Now)));
        Assert.That(state.PhysicalNetworks.Select(p => p.Label), Is.EqualTo(new[] { "cloudbr0", "cloudbr1" }));
        Assert.That(state.Networks.Select(n => n.Realisation.NetworkId), Is.EqualTo(new[] { "net-1", "net-2", "net-3", "net-4", "net-5" }));
        Assert.That(state.Settings, Has.Count.EqualTo(12));
        Assert.That(state.Links, Is.Empty);
    }

    [Test]
    public async Task GetState_StatusOnly_IsNothingElse()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var state = (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest { StatusOnly = true, IncludeLinks = true })).State;
        Assert.That(state, Is.EqualTo(new V1.HostState { Status = state.Status }));
        Assert.That(state.Status.Generation, Is.EqualTo(1));
    }

    [Test]
    public async Task GetState_Links_ComeWithEntriesOnlyIfAskedFor()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var links = HostState.Empty.ToBuilder();
        links.Put(new Link { Index = 3, Name = "vxlan101", Kind = LinkKind.Vxlan });
        agent.Dataplane.View = agent.Dataplane.View with { State = links.ToState() };
        agent.Dataplane.Forwarding = [new ForwardingEntry(3, MacAddress.Zero, IPAddress.Parse("192.0.2.12")) { Permanent = true }];
        var without = (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest { IncludeLinks = true })).State.Links.Single();
        var with = (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest { IncludeLinks = true, IncludeForwardingEntries = true })).State.Links.Single();
        Assert.That(without.ForwardingEntries, Is.Empty);
        Assert.That(
            with.ForwardingEntries,
            Is.EqualTo(new[] { new V1.ForwardingEntry { Mac = "00:00:00:00:00:00", PeerAddress = "192.0.2.12", Permanent = true } }));
    }

    [Test]
    public async Task GetState_OfMoreThanFourMebibytes_IsSentToWhoTakesIt()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var links = HostState.Empty.ToBuilder();
        for (var i = 1; i <= 20_000; i++)
        {
            links.Put(new Link { Index = i, Name = $"x{i}", Alias = new string('a', 250) });
        }

        agent.Dataplane.View = agent.Dataplane.View with { State = links.ToState() };
        var state = (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest { IncludeLinks = true })).State;
        Assert.That(state.CalculateSize(), Is.GreaterThan(4 * 1024 * 1024));
        Assert.That(state.Links.Select(l => l.Ifindex), Is.EqualTo(Enumerable.Range(1, 20_000)));
    }

    [Test]
    public async Task CheckPhysicalNetworks_Named_AreCheckedInTheirOrder()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var request = new V1.CheckPhysicalNetworksRequest
        {
            PhysicalNetworks =
            {
                new V1.PhysicalNetwork { Label = "z", Mode = V1.PhysicalNetworkMode.Manage, Mtu = 9000 }, new V1.PhysicalNetwork { Label = "a" },
            },
        };
        var checks = (await agent.HostNetwork.CheckPhysicalNetworksAsync(request)).Checks;
        Assert.That(checks.Select(c => (c.Label, c.Result, c.Message)), Is.EqualTo(new[]
        {
            ("z", V1.PhysicalNetworkCheckResult.Found, "z is here"), ("a", V1.PhysicalNetworkCheckResult.Found, "a is here"),
        }));
        Assert.That(agent.Dataplane.Checked.Select(p => (p.Label, p.Mtu)), Is.EqualTo(new[] { ("z", (int?)9000), ("a", null) }));
    }

    [Test]
    public async Task CheckPhysicalNetworks_NoneNamed_AreThoseOfTheDesiredState()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var checks = (await agent.HostNetwork.CheckPhysicalNetworksAsync(new V1.CheckPhysicalNetworksRequest())).Checks;
        Assert.That(checks.Select(c => c.Label), Is.EqualTo(new[] { "cloudbr0", "cloudbr1" }));
    }

    [Test]
    public async Task GetCapabilities_TellsProvidersAndWhatTheyNeed()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var feature = new KernelFeature("vxlan", Availability.Available, "");
        agent.Dataplane.View = agent.Dataplane.View with
        {
            Providers = [new Provider { Name = "b", Priority = 200, Features = [feature] }, new Provider { Name = "a", Features = [feature] }],
        };
        var capabilities = (await agent.HostNetwork.GetCapabilitiesAsync(new V1.GetCapabilitiesRequest())).Capabilities;
        Assert.That(capabilities.Providers.Select(p => p.Name), Is.EqualTo(new[] { "b", "a" }));
        Assert.That(capabilities.KernelFeatures.Select(f => f.Name), Is.EqualTo(new[] { "vxlan" }));
        Assert.That(capabilities.Methods, Has.Member("cloudbr.agent.v1.HostNetwork/Apply").And.Member("cloudbr.agent.v1.HostNetwork/Plan"));
    }

    [Test]
    public async Task Heartbeat_TellsTheGenerationAndTermInForce()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var request = Samples.Apply();
        request.Change.Term = 9;
        await agent.HostNetwork.ApplyAsync(request);
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(
            new V1.WatchRequest { Subscriptions = { new V1.Subscription { Topic = V1.Topic.Heartbeat } } });
        Assert.That(await call.ResponseStream.MoveNext() && await call.ResponseStream.MoveNext());
        var heartbeat = call.ResponseStream.Current.Event.Heartbeat;
        Assert.That((heartbeat.Generation, heartbeat.Status.Generation, heartbeat.Status.Term), Is.EqualTo((1ul, 1ul, 9ul)));
    }
}
