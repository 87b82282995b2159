using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Daemon.Tests.House;

internal sealed class TopLevelTests
{
    private static readonly string[] Allowed =
    [
        "agent", "protos", "packaging", "systemd", "tests", "Agent.sln", "global.json", "LICENSE", "README.md", "ARCHITECTURE.md", "CHANGELOG.md",
        "BENCHMARKS.md", "Directory.Build.props", "Directory.Packages.props",
    ];

    [Test]
    public void TopLevel_HoldsNothingElse()
    {
        Assume.That(Path.Exists(Path.Combine(Repository.Root, ".git")), "only a checkout tells what belongs to the repository");
        var names = Command.Run("git", "-c", $"safe.directory={Repository.Root}", "-C", Repository.Root, "ls-files", "-z").Output
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('/')[0]).Distinct();
        Assert.That(names.Where(n => !n.StartsWith('.')), Is.SubsetOf(Allowed));
    }
}
