using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Core.Tests.Model;

/// <summary>What became of ports in the history's words.</summary>
internal sealed class ChangeSummaryTests
{
    private static readonly Port Port = new() { NicId = "nic-1", Network = "net-1", Mac = MacAddress.Parse("02:00:00:00:00:01") };

    private static readonly AddressGroup Group = new("sg-7", []);

    private static readonly HostConfig Prepared = new PutPort(Port, [Group]).ApplyTo(HostConfig.Empty);

    private static IEnumerable<TestCaseData> Cases { get; } =
    [
        new(HostConfig.Empty, new PutPort(Port, []), "port nic-1 prepared: 02:00:00:00:00:01 in network net-1"),
        new(HostConfig.Empty, new PutPort(Port, [Group]), "port nic-1 prepared: 02:00:00:00:00:01 in network net-1, address group sg-7 added"),
        new(Prepared, new PutPort(Port with { IsIsolated = true }, [Group]), "port nic-1 changed: 02:00:00:00:00:01 in network net-1"),
        new(Prepared, new RemovePort("nic-1"), "port nic-1 released"),
        new(
            Prepared,
            new ReplaceConfig(HostConfig.Empty with { HostAccess = new HostAccess([], []) }, ReplaceConfig.AllSections),
            "port nic-1 removed, address group sg-7 removed, host access added"),
    ];

    [TestCaseSource(nameof(Cases))]
    public void Of_Ports_SaysWhatBecameOfThem(HostConfig before, ConfigEdit edit, string expected) =>
        Assert.That(ChangeSummary.Of(edit, before, edit.ApplyTo(before)), Is.EqualTo(expected));
}
