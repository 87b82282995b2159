namespace Cloudbr.Agent.Daemon.Tests.House;

/// <summary>References point one way.</summary>
internal sealed class ReferenceTests
{
    private const string Always = "";
    private const string House = "'$(GrpcRuntime)' == 'house'";
    private const string Package = "'$(GrpcRuntime)' == 'package'";

    /// <summary>The arrows, and for those that speak gRPC the package that may stand in agent/Rpc's place.</summary>
    private static readonly Dictionary<string, (string[] Projects, string? InPlaceOfRpc)> Arrows = new()
    {
        ["agent/Core"] = ([], null),
        ["agent/Rpc"] = ([], null),
        ["protos"] = ([], "Grpc.Core.Api"),
        ["agent/Firewall"] = (["agent/Core"], null),
        ["agent/Linux"] = (["agent/Core"], null),
        ["agent/Dataplane"] = (["agent/Core", "agent/Firewall", "agent/Linux"], null),
        ["agent/Telemetry"] = (["agent/Core", "agent/Linux"], null),
        ["agent/Daemon"] = (
            ["protos", "agent/Core", "agent/Firewall", "agent/Linux", "agent/Dataplane", "agent/Telemetry"], "Grpc.AspNetCore.Server"),
        ["agent/Cli"] = (["protos"], "Grpc.Net.Client"),
    };

    private static IEnumerable<Project> Delivered => Project.Delivered;

    [Test]
    public void EveryProject_HasItsArrows() => Assert.That(Delivered.Select(p => p.Folder), Is.EquivalentTo(Arrows.Keys));

    [TestCaseSource(nameof(Delivered))]
    public void Project_RefersOnlyToWhatItMay(Project project)
    {
        var (projects, inPlaceOfRpc) = Arrows[project.Folder];
        Assert.That(project.ProjectReferences(Always), Is.EquivalentTo(projects));
        Assert.That(project.ProjectReferences(House), Is.EquivalentTo(inPlaceOfRpc is null ? Array.Empty<string>() : ["agent/Rpc"]));
        Assert.That(project.PackageReferences(Package), Is.EquivalentTo(inPlaceOfRpc is null ? Array.Empty<string>() : [inPlaceOfRpc]));
        Assert.That(project.PackageReferences(Always).Where(p => p.StartsWith("Grpc.", StringComparison.Ordinal)), Is.SubsetOf(["Grpc.Tools"]));
    }

    [TestCaseSource(nameof(Delivered))]
    public void Project_HasNoOtherConditions(Project project) => Assert.That(
        project.Elements("ProjectReference").Concat(project.Elements("PackageReference")).Concat(project.Elements("Reference"))
            .Select(Project.ConditionOf).Distinct(),
        Is.SubsetOf([Always, House, Package]));

    [TestCaseSource(nameof(Delivered))]
    public void Project_RefersToNoTestAndNoBareAssembly(Project project)
    {
        Assert.That(File.ReadAllText(project.Path), Does.Not.Contain("tests/"));
        Assert.That(project.Elements("Reference"), Is.Empty);
        Assert.That(project.Elements("Import"), Is.Empty);
    }
}
