using Cloudbr.Agent.Cli.Tests.Agents;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Cli.Tests.Commands;

internal sealed class ConfigAndApplyTests : IDisposable
{
    private static readonly HostConfig Sample = new()
    {
        Networks = { new Network { Id = "net-1", PhysicalNetwork = "cloudbr0", Vlan = new VlanIsolation { Vid = 100 } } },
        Settings = new HostSettings { IpForward = false },
    };

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Config_Text_IsTheConfigAsApplyReadsIt()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Config = new GetConfigResponse { Generation = 7, Config = Sample };
        var result = Cloudbrctl.Run("config", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            {
              "networks": [
                {
                  "id": "net-1",
                  "physicalNetwork": "cloudbr0",
                  "vlan": {
                    "vid": 100
                  }
                }
              ],
              "settings": {
                "ipForward": false
              }
            }

            """));
        File.WriteAllText(_directory["config.json"], result.Output);
        agent.Apply = _ => new ApplyResponse { Report = new ChangeReport { Outcome = ChangeOutcome.Unchanged, Generation = 7 } };
        Assert.That(Cloudbrctl.Run("apply", _directory["config.json"], "--socket", agent.Socket).Output, Is.EqualTo("unchanged: generation 7\n"));
        Assert.That(agent.Asked.OfType<ApplyRequest>().Single().Config, Is.EqualTo(Sample));
    }

    [Test]
    public async Task Config_Json_IsTheAnswerInOneLine()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Config = new GetConfigResponse { Generation = 7, Config = Sample };
        var result = Cloudbrctl.Run("config", "--socket", agent.Socket, "-o", "json");
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1), result.ToString);
        Assert.That(JsonParser.Default.Parse<GetConfigResponse>(result.Output), Is.EqualTo(agent.Config));
    }

    [Test]
    public async Task Apply_Options_ReachTheAgent()
    {
        await using var agent = await ApplyingAsync();
        Cloudbrctl.Run("apply", Written(), "--socket", agent.Socket).EnsureSuccess();
        Cloudbrctl.Run("apply", Written(), "--dry-run", "--allow-disruption", "--request-id", "mine", "--socket", agent.Socket).EnsureSuccess();
        var changes = agent.Asked.OfType<ApplyRequest>().Select(r => r.Change).ToList();
        Assert.That(Guid.TryParse(changes[0].RequestId, out _), changes[0].RequestId);
        Assert.That(changes[0], Is.EqualTo(new ChangeOptions { RequestId = changes[0].RequestId }));
        Assert.That(changes[1], Is.EqualTo(new ChangeOptions { RequestId = "mine", DryRun = true, AllowDisruption = true }));
    }

    [Test]
    public async Task Config_OfAnEarlierGeneration_IsAskedFor()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Config = new GetConfigResponse { Generation = 3, Config = Sample };
        Cloudbrctl.Run("config", "--generation", "3", "--socket", agent.Socket).EnsureSuccess();
        Cloudbrctl.Run("config", "--generation", "0", "--socket", agent.Socket).EnsureSuccess();
        Cloudbrctl.Run("config", "--socket", agent.Socket).EnsureSuccess();
        Assert.That(agent.Asked, Is.EqualTo(new[] { new GetConfigRequest { Generation = 3 }, new GetConfigRequest { Generation = 0 }, new GetConfigRequest() }));
    }

    [TestCase("60s", 60, 0)]
    [TestCase("5m", 300, 0)]
    [TestCase("1h", 3600, 0)]
    [TestCase("1.5s", 1, 500_000_000)]
    public async Task Apply_ConfirmWithinAndNote_ReachTheAgent(string text, int seconds, int nanos)
    {
        await using var agent = await ApplyingAsync();
        Cloudbrctl.Run("apply", Written(), "--confirm-within", text, "--note", "move to bond1", "--request-id", "r", "--socket", agent.Socket).EnsureSuccess();
        Assert.That(
            agent.Asked.OfType<ApplyRequest>().Single().Change,
            Is.EqualTo(new ChangeOptions { RequestId = "r", ConfirmWithin = new Duration { Seconds = seconds, Nanos = nanos }, Note = "move to bond1" }));
    }

    [Test]
    public async Task Apply_ToBeConfirmed_EndsWithTheCommandThatConfirms()
    {
        await using var agent = await ApplyingAsync(ChangeOutcome.AwaitingConfirm);
        var result = Cloudbrctl.Run("apply", Written(), "--confirm-within", "60s", "--socket", agent.Socket);
        Assert.That(result.Output, Does.StartWith("applied, to be confirmed: generation 8, 2 steps\n").And.EndWith(
            $"""

            It goes back to generation 7 unless this is done before 2026-01-02 03:04:05 UTC:
              cloudbrctl confirm 8 --socket {agent.Socket}

            """));
        agent.Confirm = request => new ConfirmResponse { Report = new ChangeReport { Generation = request.Generation } };
        var command = result.Output.TrimEnd('\n').Split('\n')[^1].Trim().Split(' ')[1..];
        Assert.That(Cloudbrctl.Run(command).EnsureSuccess().Output, Is.EqualTo("confirmed: generation 8\n"), "it can be copied");
    }

    [Test]
    public async Task Apply_Text_TellsTheSteps()
    {
        await using var agent = await ApplyingAsync();
        var result = Cloudbrctl.Run("apply", Written(), "--socket", agent.Socket);
        Assert.That(result.Output, Is.EqualTo(
            """
            applied: generation 8, 2 steps
            warning: guest MTU lowered to 1450

            STEP  ACTION  OBJECT                      OF     IMPACT      CHANGES
            1     create  link brvx-101               net-2              mtu 1500
            2     update  sysctl net.ipv4.ip_forward         DISRUPTIVE  value 0 → 1, old y → none

            """));
    }

    [Test]
    public async Task Apply_StepOfManyChanges_NamesTheFirst()
    {
        await using var agent = await FakeAgent.StartAsync();
        var change = new Change { Step = 1, Action = ChangeAction.Create, Object = new ObjectRef { Kind = ObjectKind.Port, Id = "nic-1" } };
        change.Attributes.Add(Enumerable.Range(1, 20).Select(i => new AttributeChange { Name = $"chain{i}", After = "7 rules" }));
        agent.Apply = _ => new ApplyResponse { Report = new ChangeReport { Outcome = ChangeOutcome.Applied, Generation = 8, Changes = { change } } };
        Assert.That(Cloudbrctl.Run("apply", Written(), "--socket", agent.Socket).Output, Is.EqualTo(
            """
            applied: generation 8, 1 step

            STEP  ACTION  OBJECT  OF     IMPACT  CHANGES
            1     create  port    nic-1          chain1 7 rules, chain2 7 rules, chain3 7 rules, chain4 7 rules and 16 more

            """));
    }

    [TestCase(ChangeOutcome.Planned, "planned against generation 8: 2 steps")]
    public async Task Apply_OtherOutcomes_AreSaid(ChangeOutcome outcome, string line)
    {
        await using var agent = await ApplyingAsync(outcome);
        Assert.That(Cloudbrctl.Run("apply", Written(), "--socket", agent.Socket).Output, Does.StartWith($"{line}\n"));
    }

    [Test]
    public async Task Apply_Json_IsTheAnswerInOneLine()
    {
        await using var agent = await ApplyingAsync();
        var result = Cloudbrctl.Run("apply", Written(), "--socket", agent.Socket, "-o", "json");
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1), result.ToString);
        Assert.That(JsonParser.Default.Parse<ApplyResponse>(result.Output), Is.EqualTo(agent.Apply(new ApplyRequest())));
    }

    [Test]
    public async Task Apply_StandardInput_IsRead()
    {
        await using var agent = await ApplyingAsync();
        var command = string.Join(' ', Cloudbrctl.CommandLine("apply", "-", "--socket", agent.Socket));
        Command.Run("bash", "-c", $"{command} < {Written()}");
        Assert.That(agent.Asked.OfType<ApplyRequest>().Single().Config, Is.EqualTo(Sample));
    }

    [Test]
    public async Task Apply_Refused_ExitsOneWithTheAgentsWords()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Apply = _ => throw new RpcException(new Status(StatusCode.InvalidArgument, "config.networks[0].vlan.vid: 0 is not between 1 and 4094"));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("apply", Written(), "--socket", agent.Socket),
            1,
            "cloudbrctl: the agent answered InvalidArgument: config.networks[0].vlan.vid: 0 is not between 1 and 4094\n");
    }

    [TestCase("{", "is no config: ")]
    [TestCase("{\"netwroks\": []}", "is no config: Unknown field: netwroks")]
    [TestCase("{\"networks\": 7}", "is no config: ")]
    public async Task Apply_FileThatIsNoConfig_IsWrongUsage(string text, string words)
    {
        await using var agent = await ApplyingAsync();
        File.WriteAllText(_directory["bad.json"], text);
        Cloudbrctl.AssertFailed(Cloudbrctl.Run("apply", _directory["bad.json"], "--socket", agent.Socket), 2, $"cloudbrctl: {_directory["bad.json"]} {words}");
        Assert.That(agent.Asked, Is.Empty);
    }

    [Test]
    public async Task Apply_FileThatIsNotThere_IsWrongUsage()
    {
        await using var agent = await ApplyingAsync();
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("apply", _directory["none.json"], "--socket", agent.Socket), 2, $"cloudbrctl: {_directory["none.json"]} cannot be read: ");
    }

    private string Written()
    {
        File.WriteAllText(_directory["sample.json"], JsonFormatter.Default.Format(Sample));
        return _directory["sample.json"];
    }

    private static async Task<FakeAgent> ApplyingAsync(ChangeOutcome outcome = ChangeOutcome.Applied)
    {
        var agent = await FakeAgent.StartAsync();
        agent.Apply = _ => new ApplyResponse
        {
            Report = new ChangeReport
            {
                Outcome = outcome,
                PreviousGeneration = 7,
                Generation = 8,
                ConfirmBefore = outcome == ChangeOutcome.AwaitingConfirm ? Samples.Time : null,
                Changes =
                {
                    new Change
                    {
                        Step = 1,
                        Action = ChangeAction.Create,
                        Object = new ObjectRef { Kind = ObjectKind.Link, Name = "brvx-101", Id = "net-2" },
                        Impact = ChangeImpact.None,
                        Attributes = { new AttributeChange { Name = "mtu", After = "1500" } },
                    },
                    new Change
                    {
                        Step = 2,
                        Action = ChangeAction.Update,
                        Object = new ObjectRef { Kind = ObjectKind.Sysctl, Name = "net.ipv4.ip_forward" },
                        Impact = ChangeImpact.Disruptive,
                        Attributes =
                        {
                            new AttributeChange { Name = "value", Before = "0", After = "1" }, new AttributeChange { Name = "old", Before = "y" },
                        },
                    },
                },
                Warnings = { new ChangeWarning { Message = "guest MTU lowered to 1450" } },
            },
        };
        return agent;
    }
}
