using Cloudbr.Agent.Cli.Tests.Agents;
using Cloudbr.Agent.V1;
using Google.Protobuf;

namespace Cloudbr.Agent.Cli.Tests.Commands;

/// <summary>The commands that show the host's networks.</summary>
internal sealed class NetworkCommandsTests
{
    [Test]
    public async Task Networks_Text_IsATable()
    {
        await using var agent = await ShowingAsync();
        var result = Cloudbrctl.Run("networks", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            ID     ISOLATION            BRIDGE      DEVICE    GUEST MTU  PORTS  CONDITION
            net-1  vlan 100             breth0-100  eth0.100  1500       3      in place
            net-2  vxlan 101 multicast  brvx-101    vxlan101  1450       1      DRIFTED: brvx-101 has MTU 1400
            net-3  untagged             cloudbr0    eth0      1500       0      FAILED
            net-4  ?                                          0          0      unknown

            """));
        Assert.That(agent.Asked, Is.EquivalentTo(new IMessage[]
        {
            new GetConfigRequest { Sections = { ConfigSection.Networks } }, new GetStateRequest(),
        }));
    }

    [Test]
    public async Task Ports_Text_IsATable()
    {
        await using var agent = await ShowingAsync();
        var result = Cloudbrctl.Run("ports", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            NIC    NETWORK  DEVICE  BRIDGE      PRESENCE   FILTERED  CONDITION
            nic-1  net-1    vnet3   breth0-100  attached   yes       in place
            nic-2  net-1            breth0-100  waiting    -         in place
            nic-3  net-2    vnet5   brvx-101    ELSEWHERE  NO        DRIFTED: port nic-3 should be there, and is not
            nic-4  net-1    vnet6   breth0-100  detached   yes       in place
            nic-5  ?                            unknown    -         unknown

            """));
        Assert.That(agent.Asked, Is.EqualTo(new IMessage[] { new GetStateRequest() }));
    }

    [Test]
    public async Task Ports_OfSomeNics_ShowWhatTheirRulesCounted()
    {
        await using var agent = await ShowingAsync();
        var (first, second) = (agent.State.State.Ports[0], agent.State.State.Ports[1]);
        first.RuleCounters.Add(new RuleCounter { RuleId = "web", RuleIndex = 0, Ingress = true, Packets = 12, Bytes = 720 });
        first.RuleCounters.Add(new RuleCounter { RuleIndex = 1, Ingress = true, Packets = 0, Bytes = 0 });
        first.RuleCounters.Add(new RuleCounter { RuleId = "drop", Ingress = false, Packets = 3, Bytes = 180 });
        second.RuleCountersFailure = new Failure { Message = "iptables-save is not installed" };
        agent.State.State.Ports.Clear();
        agent.State.State.Ports.Add([first, second]);
        var result = Cloudbrctl.Run("ports", "nic-1", "nic-2", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            NIC    NETWORK  DEVICE  BRIDGE      PRESENCE  FILTERED  CONDITION
            nic-1  net-1    vnet3   breth0-100  attached  yes       in place
            nic-2  net-1            breth0-100  waiting   -         in place
            nic-2: what its rules counted is not known: iptables-save is not installed

            NIC    DIRECTION  RULE   PACKETS  BYTES
            nic-1  ingress    0 web  12       720
            nic-1  ingress    1      0        0
            nic-1  egress     drop   3        180

            """));
        Assert.That(agent.Asked, Is.EqualTo(new IMessage[] { new GetStateRequest { NicIds = { "nic-1", "nic-2" } } }));
    }

    [Test]
    public async Task Links_Text_IsATable()
    {
        await using var agent = await ShowingAsync();
        var result = Cloudbrctl.Run("links", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            NAME      KIND   STATE           MTU   MASTER    PARENT  OWNED  BELONGS TO  MAC                ADDRESSES
            eth0             up              1550                           cloudbr0    02:00:00:00:00:01  192.0.2.11/24, 2001:db8::1/64
            vxlan101  vxlan  lowerlayerdown  1500  brvx-101  eth0    yes    net-2       02:00:00:00:00:02

            """));
        Assert.That(agent.Asked, Is.EqualTo(new IMessage[] { new GetStateRequest { IncludeLinks = true } }));
    }

    [TestCase("networks")]
    [TestCase("ports")]
    [TestCase("links")]
    public async Task NetworksPortsAndLinks_Json_AreTheStateInOneLine(string command)
    {
        await using var agent = await ShowingAsync();
        var result = Cloudbrctl.Run(command, "--socket", agent.Socket, "-o", "json");
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1), result.ToString);
        Assert.That(JsonParser.Default.Parse<HostState>(result.Output), Is.EqualTo(agent.State.State));
    }

    [Test]
    public async Task Check_NotAllFit_SaysWhatIsFoundAndExitsOne()
    {
        await using var agent = await ShowingAsync();
        var result = Cloudbrctl.Run("check", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            LABEL     RESULT      BRIDGE    UPLINK  MTU   MESSAGE
            cloudbr0  found       cloudbr0  eth0    1550  cloudbr0 is here
            cloudbr1  to be made            eth1    1500
            cloudbr2  MISSING                       ?     bridges here: cloudbr0

            """));
        Assert.That(agent.Asked, Is.EqualTo(new IMessage[] { new CheckPhysicalNetworksRequest() }));
    }

    [Test]
    public async Task Check_AllFit_ExitsZero()
    {
        await using var agent = await ShowingAsync();
        agent.Checks.Checks.RemoveAt(2);
        Assert.That(Cloudbrctl.Run("check", "--socket", agent.Socket).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Check_Labels_AreAskedFor()
    {
        await using var agent = await ShowingAsync();
        var result = Cloudbrctl.Run("check", "cloudbr9", "eth7", "--socket", agent.Socket, "-o", "json");
        Assert.That(JsonParser.Default.Parse<CheckPhysicalNetworksResponse>(result.Output), Is.EqualTo(agent.Checks));
        Assert.That(agent.Asked, Is.EqualTo(new IMessage[]
        {
            new CheckPhysicalNetworksRequest { PhysicalNetworks = { new PhysicalNetwork { Label = "cloudbr9" }, new PhysicalNetwork { Label = "eth7" } } },
        }));
    }

    [Test]
    public async Task Networks_MoreThanFourMebibytes_AreShown()
    {
        await using var agent = await ShowingAsync();
        var long1 = new string('x', 10_000);
        agent.State.State.Networks.Add(Enumerable.Range(0, 500).Select(i => new NetworkState
        {
            Realisation = new NetworkRealisation { NetworkId = $"n{i}" }, Problems = { new Failure { Evidence = long1 } },
        }));
        var result = Cloudbrctl.Run("networks", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output.Split('\n'), Has.One.StartsWith("n499 "));
    }

    private static async Task<FakeAgent> ShowingAsync()
    {
        var agent = await FakeAgent.StartAsync();
        agent.Config = new GetConfigResponse
        {
            Config = new HostConfig
            {
                Networks =
                {
                    new Network { Id = "net-1", Vlan = new VlanIsolation { Vid = 100 } },
                    new Network { Id = "net-2", Vxlan = new VxlanIsolation { Vni = 101, Multicast = new VxlanMulticast() } },
                    new Network { Id = "net-3", Untagged = new UntaggedIsolation() },
                },
            },
        };
        agent.State = new GetStateResponse
        {
            State = new HostState
            {
                Networks =
                {
                    State("net-1", "breth0-100", "eth0.100", 1500, ObjectCondition.InPlace),
                    State("net-2", "brvx-101", "vxlan101", 1450, ObjectCondition.Drifted, new Failure { Message = "brvx-101 has MTU 1400" }),
                    State("net-3", "cloudbr0", "eth0", 1500, ObjectCondition.Failed),
                    new NetworkState { Realisation = new NetworkRealisation { NetworkId = "net-4" } },
                },
                Ports =
                {
                    State("nic-1", "vnet3", "breth0-100", PortPresence.Attached, isFiltered: true),
                    State("nic-2", "", "breth0-100", PortPresence.Waiting, isFiltered: null),
                    State("nic-3", "vnet5", "brvx-101", PortPresence.Elsewhere, isFiltered: false, new Failure { Message = "port nic-3 should be there, and is not" }),
                    State("nic-4", "vnet6", "breth0-100", PortPresence.Detached, isFiltered: true),
                    new PortState { Realisation = new PortRealisation { NicId = "nic-5" }, Condition = ObjectCondition.Unknown },
                },
                Links =
                {
                    new LinkState
                    {
                        Name = "eth0",
                        Mtu = 1550,
                        OperState = OperState.Up,
                        BelongsTo = "cloudbr0",
                        Mac = "02:00:00:00:00:01",
                        Addresses = { "192.0.2.11/24", "2001:db8::1/64" },
                    },
                    new LinkState
                    {
                        Name = "vxlan101",
                        Kind = "vxlan",
                        Mtu = 1500,
                        OperState = OperState.LowerLayerDown,
                        Master = "brvx-101",
                        Parent = "eth0",
                        Owned = true,
                        BelongsTo = "net-2",
                        Mac = "02:00:00:00:00:02",
                    },
                },
            },
        };
        agent.Checks = new CheckPhysicalNetworksResponse
        {
            Checks =
            {
                new PhysicalNetworkCheck
                {
                    Label = "cloudbr0",
                    Result = PhysicalNetworkCheckResult.Found,
                    Bridge = "cloudbr0",
                    Uplink = "eth0",
                    Mtu = 1550,
                    Message = "cloudbr0 is here",
                },
                new PhysicalNetworkCheck { Label = "cloudbr1", Result = PhysicalNetworkCheckResult.ToBeMade, Uplink = "eth1", Mtu = 1500 },
                new PhysicalNetworkCheck { Label = "cloudbr2", Result = PhysicalNetworkCheckResult.Missing, Message = "bridges here: cloudbr0" },
            },
        };
        agent.State.State.Networks[0].NicIds.Add(["nic-1", "nic-2", "nic-4"]);
        agent.State.State.Networks[1].NicIds.Add("nic-3");
        return agent;
    }

    private static PortState State(string id, string device, string bridge, PortPresence presence, bool? isFiltered, params Failure[] problems)
    {
        var port = new PortState
        {
            Realisation = new PortRealisation { NicId = id, Device = device, Bridge = bridge, GuestMtu = 1500, Presence = presence },
            Condition = problems.Length == 0 ? ObjectCondition.InPlace : ObjectCondition.Drifted,
            Problems = { problems },
        };
        if (isFiltered is { } filtered)
        {
            port.Filtered = filtered;
        }

        return port;
    }

    private static NetworkState State(string id, string bridge, string device, uint mtu, ObjectCondition condition, params Failure[] problems) => new()
    {
        Realisation = new NetworkRealisation { NetworkId = id, Bridge = bridge, Device = device, GuestMtu = mtu },
        Condition = condition,
        Problems = { problems },
    };
}
