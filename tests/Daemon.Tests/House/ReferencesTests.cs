using System.Xml.Linq;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Daemon.Tests.House;

/// <summary>References between the agent's projects point one way.</summary>
public class ReferencesTests
{
    /// <summary>Each project with all it may refer to. Who adds an arrow here also draws it in ARCHITECTURE.md.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Rpc"] = [],
        ["Protos"] = ["Rpc"],
        ["Firewall"] = ["Core"],
        ["Linux"] = ["Core"],
        ["Dataplane"] = ["Core", "Firewall", "Linux"],
        ["Telemetry"] = ["Core", "Linux"],
        ["Daemon"] = ["Core", "Dataplane", "Firewall", "Linux", "Protos", "Rpc", "Telemetry"],
        ["Cli"] = ["Protos", "Rpc"],
    };

    private static IEnumerable<string> Projects =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "agent"), "*.csproj", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "protos", "Protos.csproj"))
            .Select(path => Path.GetRelativePath(Repository.Root, path));

    [Test]
    public void Projects_AreThoseOfTheHouse() =>
        Assert.That(Projects.Select(Path.GetFileNameWithoutExtension), Is.EquivalentTo(Allowed.Keys));

    [TestCaseSource(nameof(Projects))]
    public void References_PointOneWay(string project) =>
        Assert.That(ReferencesOf(project), Is.SubsetOf(Allowed[Path.GetFileNameWithoutExtension(project)]));

    /// <summary>Under whatever condition, and to whichever assembly of the house.</summary>
    private static IEnumerable<string> ReferencesOf(string project) => XDocument.Load(Path.Combine(Repository.Root, project)).Descendants()
        .Where(e => e.Name.LocalName is "ProjectReference" or "Reference")
        .SelectMany(e => ((string?)e.Attribute("Include") ?? "").Split(';'))
        .Select(path => Path.GetFileNameWithoutExtension(path.Trim().Replace('\\', '/')));
}
