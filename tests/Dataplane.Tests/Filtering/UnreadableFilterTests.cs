using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.Tests.Changes;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Filtering;

/// <summary>A packet filter that cannot be read is nobody's trouble until something is to be filtered; then what the tool said is said.</summary>
internal sealed class UnreadableFilterTests
{
    private const string Words = "can't initialize iptables table `filter': Permission denied";

    private static readonly ChangeFilter Step = new(ObjectRef.Host, StepAction.Create, Ruleset.Empty, WithHostChain());

    private readonly List<string> _started = [];
    private bool _isBroken = true;

    [Test]
    public void AChange_IsRefusedInTheToolsWords_AndNothingIsWritten()
    {
        using var kernel = Open();
        var state = kernel.ReadAll();
        Assert.That(state.Filter.IsSameAs(Ruleset.Empty), "nothing is to be filtered");
        var outcome = kernel.Apply([Step], state).Single();
        Assert.That((outcome.Result, outcome.Failure?.Reason), Is.EqualTo((StepResult.Refused, "FILTER_UNREADABLE")));
        Assert.That(outcome.Failure?.Evidence, Does.Contain(Words));
        Assert.That(_started, Has.None.EndsWith("-restore"));
        Assert.That(kernel.ReadAll().Filter.IsSameAs(Ruleset.Empty), "nothing came of it, so it is nobody's trouble still");
    }

    [Test]
    public void AChange_IsMadeOfWhatIsThere_OnceThatCanBeRead()
    {
        using var kernel = Open();
        var state = kernel.ReadAll();
        _isBroken = false;
        Assert.That(kernel.Apply([Step], state).Single().Result, Is.EqualTo(StepResult.Applied));
        Assert.That(_started, Has.Some.EqualTo("iptables-restore"));
    }

    private static Ruleset WithHostChain() => Ruleset.Empty with
    {
        Tables = Ruleset.Empty.Tables.SetItem(TableId.Filter4, Table.Empty with
        {
            Chains = new Dictionary<string, Chain>(StringComparer.Ordinal) { ["CB-HOST"] = new("CB-HOST", ["-j RETURN"]) },
            Hooks = ImmutableSortedDictionary<string, string>.Empty.Add("INPUT", "CB-HOST"),
        }),
    };

    private FilteringKernel Open() => new(
        new FakeKernel(new MemoryHost()), new FilterDriver(RunAsync, NumberNames.Protocols(""), NumberNames.Ethertypes("")), null, null, TimeProvider.System);

    private Task<ToolResult> RunAsync(ToolCall call, TimeSpan limit)
    {
        lock (_started)
        {
            _started.Add(call.Name);
        }

        return Task.FromResult(_isBroken && call.Name == "iptables-save" ? new ToolResult(3, "", Words) : new ToolResult(0, "", ""));
    }
}
