using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>A file of the history; without a text it is to go. The text is made when it is asked for.</summary>
internal readonly record struct HistoryFile(string Path, Func<string>? Text);

/// <summary>Which files a generation consists of, and which differ between two.</summary>
internal sealed class HistoryFiles(IHistoryFormat format)
{
    public const string Networks = "networks";
    public const string PhysicalNetworks = "physical-networks";
    public const string Ports = "ports";
    public const string AddressGroups = "address-groups";

    private const string Extension = ".yaml";

    /// <summary>All files that there can be at the top.</summary>
    public static readonly ImmutableArray<string> Single =
        ["control-network.yaml", "drift.yaml", "generation.yaml", "host-access.yaml", "providers.yaml", "settings.yaml"];

    /// <summary>All folders with a file for each thing of a sort.</summary>
    public static readonly ImmutableArray<string> Folders = [PhysicalNetworks, Networks, Ports, AddressGroups];

    public IEnumerable<HistoryFile> All(Generation generation) => Between(null, generation).Where(f => f.Text is not null);

    /// <summary>
    /// What changed. Parts of a configuration never change themselves, so that what is the same object needs no look inside: of
    /// thousands of networks only those are rendered that differ.
    /// </summary>
    public IEnumerable<HistoryFile> Between(Generation? before, Generation after)
    {
        yield return new HistoryFile("generation.yaml", () => format.Text(after.Entry));
        var (old, now) = (before?.Config ?? HostConfig.Empty, after.Config);
        foreach (var file in Between(PhysicalNetworks, old.PhysicalNetworks, now.PhysicalNetworks, format.Text))
        {
            yield return file;
        }

        foreach (var file in Between(Networks, old.Networks, now.Networks, format.Text))
        {
            yield return file;
        }

        foreach (var file in Between(Ports, old.Ports, now.Ports, format.Text))
        {
            yield return file;
        }

        foreach (var file in Between(AddressGroups, old.AddressGroups, now.AddressGroups, format.Text))
        {
            yield return file;
        }

        if (old.ControlNetwork != now.ControlNetwork)
        {
            yield return new HistoryFile("control-network.yaml", now.ControlNetwork is { } control ? () => format.Text(control) : null);
        }

        if (old.HostAccess != now.HostAccess)
        {
            yield return new HistoryFile("host-access.yaml", now.HostAccess is { } access ? () => format.Text(access) : null);
        }

        if (old.Settings != now.Settings)
        {
            yield return new HistoryFile("settings.yaml", now.Settings is { } settings ? () => format.Text(settings) : null);
        }

        if (old.Providers != now.Providers)
        {
            yield return new HistoryFile("providers.yaml", now.Providers.Count > 0 ? () => format.Text(now.Providers) : null);
        }

        if (old.Drift != now.Drift)
        {
            yield return new HistoryFile("drift.yaml", now.Drift is { } drift ? () => format.Text(drift) : null);
        }
    }

    /// <summary>
    /// The file's path. An id is a file's name as it is; of a label, which may have any character that a device's name can have, all that
    /// is not plain becomes %XX. With the extension no name can be ".", ".." or ".git".
    /// </summary>
    internal static string PathOf(string folder, string key)
    {
        var path = new StringBuilder(folder, folder.Length + key.Length + 6).Append('/');
        foreach (var b in Encoding.UTF8.GetBytes(key))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'_' or (byte)'-')
            {
                path.Append((char)b);
            }
            else
            {
                path.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return path.Append(Extension).ToString();
    }

    private static IEnumerable<HistoryFile> Between<T>(
        string folder, ImmutableDictionary<string, T> before, ImmutableDictionary<string, T> after, Func<T, string> text)
        where T : class
    {
        if (ReferenceEquals(before, after))
        {
            yield break;
        }

        foreach (var (key, value) in after)
        {
            if (!before.TryGetValue(key, out var there) || (!ReferenceEquals(there, value) && !there.Equals(value)))
            {
                yield return new HistoryFile(PathOf(folder, key), () => text(value));
            }
        }

        foreach (var key in before.Keys)
        {
            if (!after.ContainsKey(key))
            {
                yield return new HistoryFile(PathOf(folder, key), null);
            }
        }
    }
}
