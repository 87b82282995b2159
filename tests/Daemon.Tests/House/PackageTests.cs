using System.Xml.Linq;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Daemon.Tests.House;

/// <summary>What is restored is the same everywhere.</summary>
internal sealed class PackageTests
{
    private static IEnumerable<Project> Projects => Project.All;

    [Test]
    public void CentralVersions_AreExact()
    {
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => ((string?)p.Attribute("Include"), (string?)p.Attribute("Version"))).ToList();
        Assert.That(versions, Has.Count.GreaterThan(5));
        Assert.That(versions.Select(v => v.Item1), Is.Unique);
        foreach (var (package, version) in versions)
        {
            Assert.That(version, Does.Match(@"^\d+(\.\d+){1,3}(-[0-9A-Za-z.-]+)?$"), package);
        }
    }

    [TestCaseSource(nameof(Projects))]
    public void Project_LeavesVersionsToTheCentralFile(Project project) => Assert.That(
        project.Elements("PackageReference").Where(p => p.Attribute("Version") is not null || p.Attribute("VersionOverride") is not null), Is.Empty);

    [TestCaseSource(nameof(Projects))]
    public void Project_HasItsLockFile(Project project) =>
        Assert.That(File.Exists(Path.Combine(Path.GetDirectoryName(project.Path)!, "packages.lock.json")));

    [TestCaseSource(nameof(Projects))]
    public void Project_IsInTheSolution(Project project) => Assert.That(
        File.ReadAllText(Path.Combine(Repository.Root, "Agent.sln")).Replace('\\', '/'),
        Does.Contain($"\"{Path.GetRelativePath(Repository.Root, project.Path)}\""));
}
