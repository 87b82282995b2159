using System.Text.RegularExpressions;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>That a host is as it was before.</summary>
internal static partial class Unchanged
{
    /// <summary>
    /// Everything, once the kernel is done with what it does later by itself: carriers, duplicate addresses. Of the devices that
    /// <paramref name="madeAnew"/> accepts only the index may differ; the snapshot was taken of <paramref name="devices"/>.
    /// </summary>
    public static void Since(
        HostSnapshot before, NetNamespace host, string why = "", Func<string, bool>? madeAnew = null, Func<string, bool>? devices = null)
    {
        IReadOnlyList<string> differences = [];
        try
        {
            host.WaitUntil("all is as before", () =>
            {
                differences = [.. HostSnapshot.Of(host, devices).DifferencesFrom(before).Where(d => !IsIndexOf(d, madeAnew))];
                return differences.Count == 0;
            });
        }
        catch (TimeoutException)
        {
            // The assertion tells more.
        }

        Assert.That(differences, Is.Empty, why);
    }

    private static bool IsIndexOf(string difference, Func<string, bool>? madeAnew) =>
        madeAnew is not null && Index().Match(difference) is { Success: true } match && madeAnew(match.Groups[1].Value);

    [GeneratedRegex("^~ link (.*): ifindex was ")]
    private static partial Regex Index();
}
