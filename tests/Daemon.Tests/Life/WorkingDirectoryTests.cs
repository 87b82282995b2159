using System.Globalization;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;

namespace Cloudbr.Agent.Daemon.Tests.Life;

/// <summary>Where the agent is started is nothing to it.</summary>
internal sealed class WorkingDirectoryTests
{
    /// <summary>systemd starts a service in /: whoever watches what is below has the whole host in its memory.</summary>
    [Test]
    public async Task FilesBelow_AreNotWatched()
    {
        using var directory = new TempDirectory();
        using var agent = await AgentProcess.StartWithAsync(["-C", directory.Path], directory["agent.sock"]);
        var place = string.Create(CultureInfo.InvariantCulture, $"/proc/{agent.Id}");
        Assert.That(Directory.ResolveLinkTarget($"{place}/cwd", returnFinalTarget: false)!.FullName, Is.EqualTo(directory.Path));
        var watched = Directory.GetFiles($"{place}/fdinfo").SelectMany(File.ReadLines).Where(l => l.StartsWith("inotify ", StringComparison.Ordinal));
        Assert.That(watched, Is.Empty);
    }
}
