using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab.Debian;

/// <summary>The disk image that guests boot from; `tests/Lab/debian-image` builds it when its recipe is new.</summary>
internal static class DebianImage
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(6);
    private static readonly Lazy<Task<string>> Built = new(() => Task.Run(Build));

    /// <summary>The image's path. Guests must write to an overlay only.</summary>
    internal static Task<string> PathAsync() => Built.Value;

    private static string Build() =>
        Command.TryRun([Path.Combine(Repository.Root, "tests", "Lab", "debian-image")], limit: BuildLimit)
            .EnsureSuccess().Output.Trim();
}
