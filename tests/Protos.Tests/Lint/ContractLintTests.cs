using Cloudbr.Agent.Protos.Tests.Descriptors;

namespace Cloudbr.Agent.Protos.Tests.Lint;

/// <summary>The contract keeps its own style. What each rule catches is proved in <see cref="RuleTests"/>.</summary>
internal sealed class ContractLintTests
{
    [Test]
    public void Contract_AsBuilt_HasThreeServices() =>
        Assert.That(Contract.Ours.SelectMany(file => file.Service).Select(service => service.Name),
            Is.EquivalentTo(["HostNetwork", "Telemetry", "Diagnostics"]));

    [Test]
    public void Contract_AsBuilt_HasNothingOfTheAgentsOwnFiles() =>
        Assert.That(Contract.All.Where(file => file.Package.StartsWith("cloudbr.agent.store", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Files_OfTheContract_AreNamedAfterTheirPackage() => AssertKept(NamingRules.Files);

    [Test]
    public void Names_InTheContract_FollowTheConventions() => AssertKept(NamingRules.Elements);

    [Test]
    public void Enums_InTheContract_StartUnspecifiedAndArePrefixed() => AssertKept(NamingRules.Enums);

    [Test]
    public void Numbers_InTheContract_AreUsedReservedOrKept() => AssertKept(NumberingRules.Check);

    [Test]
    public void Everything_InTheContract_HasAComment() => AssertKept(CommentRules.Present);

    [Test]
    public void Quantities_InTheContract_SayTheirUnitInTheName() => AssertKept(CommentRules.UnitsInNames);

    [Test]
    public void Rpcs_OfTheContract_OwnTheirRequestAndResponse() => AssertKept(RpcRules.RequestsAndResponses);

    [Test]
    public void MutatingRpcs_OfHostNetwork_CarryTheEnvelope() => AssertKept(EnvelopeRules.Check);

    [Test]
    public void MutatingRpcs_OfHostNetwork_AreThese() =>
        Assert.That(EnvelopeRules.Mutating(Contract.Ours),
            Is.EqualTo(["Implement", "Shutdown", "Prepare", "Release", "Apply", "Confirm", "Rollback", "Resync"]));

    private static void AssertKept(Rule rule) => Assert.That(string.Join(Environment.NewLine, rule(Contract.Ours)), Is.Empty);
}
