using System.Text;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>
/// The files beside the commits, for `cat` and `grep`. Written here and not by git's checkout, which would run the filters that
/// .gitattributes and the configuration name: whoever can write those would have a program run as the agent.
/// </summary>
internal sealed class WorkingFiles(string directory, RepositoryFolder folder, HistoryFiles files)
{
    /// <summary>What every file was when it was written: enough to see that somebody else wrote it since.</summary>
    private readonly Dictionary<string, Stamp> _stamps = new(StringComparer.Ordinal);

    /// <summary>
    /// Makes the files those of a generation; what differs between two is enough if those of the first are there (null: nobody knows
    /// what is). Returns which of the others somebody had changed; they are written again too.
    /// </summary>
    public IReadOnlyList<string> Update(Generation? before, Generation after)
    {
        if (before is null)
        {
            Replace(after);
            return [];
        }

        foreach (var file in files.Between(before, after))
        {
            Put(file);
        }

        var edited = _stamps.Where(s => StampOf(Path.Combine(directory, s.Key)) != s.Value).Select(s => s.Key).Order(StringComparer.Ordinal).ToList();
        if (edited.Count > 0)
        {
            var wanted = edited.ToHashSet(StringComparer.Ordinal);
            foreach (var file in files.All(after).Where(f => wanted.Contains(f.Path)))
            {
                Put(file);
            }
        }

        return edited;
    }

    private void Replace(Generation generation)
    {
        _stamps.Clear();
        foreach (var file in files.All(generation))
        {
            Put(file);
        }

        // A network's file without the network would mislead. What else somebody put here is theirs.
        foreach (var path in HistoryFiles.Single.Concat(HistoryFiles.Folders.SelectMany(Listed)))
        {
            if (!_stamps.ContainsKey(path))
            {
                Put(new HistoryFile(path, null));
            }
        }
    }

    private IEnumerable<string> Listed(string name)
    {
        var place = new DirectoryInfo(Path.Combine(directory, name));
        return place.Exists && place.LinkTarget is null ? [.. place.EnumerateFiles("*.yaml").Select(f => $"{name}/{f.Name}")] : [];
    }

    private void Put(HistoryFile file)
    {
        var path = Path.Combine(directory, file.Path);
        var parent = Path.GetDirectoryName(path)!;
        if (parent != directory)
        {
            MakeFolder(parent);
        }

        if (file.Text is null)
        {
            File.Delete(path);
            _stamps.Remove(file.Path);
            return;
        }

        var text = file.Text();
        if (RepositoryFolder.IsLink(path) || !File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text)))
        {
            folder.Write(path, text);
        }

        _stamps[file.Path] = StampOf(path);
    }

    /// <summary>Never follows a link: what it points to is not the history's.</summary>
    private static void MakeFolder(string path)
    {
        if (File.Exists(path) || RepositoryFolder.IsLink(path))
        {
            File.Delete(path);
        }

        Directory.CreateDirectory(path);
    }

    /// <summary>A link is itself, not what it points to; of a file that is not there the length is -1.</summary>
    private static Stamp StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new Stamp(file.LinkTarget is null ? file.Length : -1, file.LastWriteTimeUtc) : new Stamp(-1, default);
    }

    private readonly record struct Stamp(long Length, DateTime Written);
}
