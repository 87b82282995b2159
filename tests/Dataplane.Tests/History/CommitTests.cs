using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>What an operator finds with git.</summary>
internal sealed class CommitTests
{
    private readonly HistoryHost _host = new();

    [TearDown]
    public void EndHost() => _host.Dispose();

    [Test]
    public void Keep_Generation_IsACommitWithItsAuthorDateAndTrailers()
    {
        var generation = Generation(12);
        _host.Live(generation with
        {
            Entry = generation.Entry with
            {
                Summary = "network web-tier: VXLAN 101 on cloudbr1",
                Note = "Ticket 4711.\r\nGeneration: 99\n",
                Outcome = ChangeOutcome.AwaitingConfirm,
                Confirmation = Confirmation.Awaited,
                Restores = 9,
            },
        });
        Assert.That(_host.Log("%an|%ae|%aI|%cn"), Is.EqualTo("CN=mgmt-1|CN=mgmt-1@kvm-01|2026-03-01T12:12:00+00:00|cloudbr-agent"));
        Assert.That(
            _host.Log("%B"),
            Is.EqualTo("""
                network web-tier: VXLAN 101 on cloudbr1

                Ticket 4711.
                Generation: 99

                Generation: 12
                Request-Id: request-12
                Term: 7
                Method: HostNetwork/Apply
                Outcome: awaiting-confirm
                Confirmation: awaited
                Restores: 9
                """));
        Assert.That(_host.Generations, Is.EqualTo(["12"]), "the note's words are not taken for the agent's");
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_WholeConfig_IsAFileForEachPart()
    {
        _host.Live(Generation(1, Everything));
        string[] files =
        [
            "address-groups/sg-7.yaml", "control-network.yaml", "drift.yaml", "generation.yaml", "host-access.yaml", "networks/a.yaml", "networks/b.yaml",
            "physical-networks/cloudbr0.yaml", "ports/nic-1.yaml", "providers.yaml", "settings.yaml",
        ];
        Assert.That(_host.Lines("ls-tree", "-r", "--name-only", "main"), Is.EqualTo(files));
        Assert.That(_host.Git("show", "main:networks/b.yaml"), Is.EqualTo("network b 200"));
        Assert.That(files.Select(f => File.ReadAllText(_host[f])), Is.EqualTo(files.Select(f => $"{_host.Git("show", $"main:{f}")}\n")), "and on disk");
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
    }

    [Test]
    public void Keep_NextGeneration_HasOnlyWhatChanged()
    {
        var next = Everything with
        {
            Networks = Everything.Networks.Remove("a").SetItem("b", Network("b", 201)).Add("c", Network("c")),
            PhysicalNetworks = Everything.PhysicalNetworks.SetItem("cloudbr0", Physical("cloudbr0")),
            Ports = Everything.Ports.SetItem("nic-1", Port("nic-1", "vnet1")).Add("nic-2", Port("nic-2", "")),
            AddressGroups = Everything.AddressGroups.Clear(),
            HostAccess = null,
            Settings = null,
        };
        _host.Live(Generation(1, Everything), Generation(2, next));
        Assert.That(
            _host.Lines("diff", "--name-status", "main^", "main"),
            Is.EqualTo(
            [
                "D\taddress-groups/sg-7.yaml", "M\tgeneration.yaml", "D\thost-access.yaml", "D\tnetworks/a.yaml", "M\tnetworks/b.yaml", "A\tnetworks/c.yaml",
                "M\tports/nic-1.yaml", "A\tports/nic-2.yaml", "D\tsettings.yaml",
            ]));
        Assert.That(Directory.GetFiles(_host["networks"]).Select(Path.GetFileName), Is.EquivalentTo(["b.yaml", "c.yaml"]));
        Assert.That(File.Exists(_host["settings.yaml"]), Is.False);
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
    }

    [Test]
    public void Keep_NextLifeWithoutAnything_LeavesNoFileThatWouldMislead()
    {
        _host.Live(Generation(1, Everything));
        _host.Live(Generation(2));
        string[] left = ["generation.yaml"];
        Assert.That(_host.Lines("ls-tree", "-r", "--name-only", "main"), Is.EqualTo(left));
        Assert.That(
            Directory.GetFiles(_host.Path, "*.yaml", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_host.Path, f)), Is.EqualTo(left));
    }

    [Test]
    public void Keep_OneNetworkOfMany_RendersAndSendsOnlyThat()
    {
        var many = Config([.. Enumerable.Range(0, 500).Select(i => Network($"n{i}"))]);
        using var history = _host.Start();
        Write(history, Generation(1, many));
        Write(history, Generation(2, many with { Networks = many.Networks.SetItem("n7", Network("n7", 7)) }));
        Assert.That(_host.Lines("show", "--format=", "--name-only", "main"), Is.EqualTo(["generation.yaml", "networks/n7.yaml"]));
    }

    [Test]
    public void Keep_ConfirmationGiven_IsASecondCommitOfTheGeneration()
    {
        var awaited = Generation(5);
        awaited = awaited with { Entry = awaited.Entry with { Confirmation = Confirmation.Awaited } };
        using var history = _host.Start();
        Write(history, awaited);
        Write(history, awaited with { Entry = awaited.Entry with { Confirmation = Confirmation.Given } });
        Assert.That(_host.Lines("log", "--format=%s"), Is.EqualTo(["generation 5, confirmed: change 5", "change 5"]));
        Assert.That(_host.Lines("show", "--format=", "--name-only", "main"), Is.EqualTo(["generation.yaml"]));
        Assert.That(history.CommitOf(5), Is.EqualTo(_host.Git("rev-parse", "main")));
    }

    [Test]
    public void CommitOf_KnownGenerations_AreTheirHashesAlsoInTheNextLife()
    {
        _host.Live(Generation(1), Generation(2));
        using var history = _host.Start();
        Settle(history);
        Assert.That(history.CommitOf(2), Is.EqualTo(_host.Git("rev-parse", "main")));
        Assert.That(history.CommitOf(1), Is.EqualTo(_host.Git("rev-parse", "main^")));
        Assert.That(history.CommitOf(3), Is.Empty);
        Write(history, Generation(3));
        Assert.That(history.CommitOf(3), Is.EqualTo(_host.Git("rev-parse", "main")));
    }

    [Test]
    public void Keep_NextLife_GoesOnWhereTheFormerEnded()
    {
        _host.Live(Generation(1, Everything));
        _host.Live(Generation(2, Everything));
        Assert.That(_host.Generations, Is.EqualTo(["2", "1"]));
        Assert.That(_host.Lines("diff", "--name-only", "main^", "main"), Is.EqualTo(["generation.yaml"]), "what is the same is no change");
        Assert.That(_host.Told, Is.Empty);
    }

    [TestCase(".")]
    [TestCase("..")]
    [TestCase(".git")]
    [TestCase("-rf")]
    [TestCase("CON")]
    [TestCase("a.lock")]
    public void Keep_NetworkWithAnAwkwardId_HasItsFile(string id)
    {
        _host.Live(Generation(1, Config(Network(id), Network(id.ToUpperInvariant()), Network(id.ToLowerInvariant()))));
        Assert.That(_host.Git("show", $"main:networks/{id}.yaml"), Is.EqualTo($"network {id} 100"));
        Assert.That(File.ReadAllText(_host[$"networks/{id}.yaml"]), Is.EqualTo($"network {id} 100\n"));
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_LabelWithAwkwardCharacters_HasAPlainFileName()
    {
        const string Label = "é\"\\*'";
        var config = HostConfig.Empty with { PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add(Label, Physical(Label)) };
        _host.Live(Generation(1, config));
        Assert.That(File.ReadAllText(_host["physical-networks/%C3%A9%22%5C%2A%27.yaml"]), Is.EqualTo($"label {Label}\n"));
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
    }

    private static readonly HostConfig Everything = Config(Network("a"), Network("b", 200)) with
    {
        PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add("cloudbr0", Physical("cloudbr0")),
        Ports = HostConfig.Empty.Ports.Add("nic-1", Port("nic-1", "vnet0")),
        AddressGroups = HostConfig.Empty.AddressGroups.Add("sg-7", new AddressGroup("sg-7", [])),
        HostAccess = new HostAccess([], []),
        ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null),
        Settings = new HostSettings { IpForward = true },
        Providers = [new ProviderSetting("linux-bridge", true, 200)],
        Drift = new DriftPolicy { Mode = DriftMode.Observe },
    };

    private static Port Port(string id, string device) => new() { NicId = id, Network = "a", Mac = MacAddress.Parse("02:00:00:00:00:01"), Device = device };
}
