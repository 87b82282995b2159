using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// Replaces files of one folder as a whole: whenever the machine stops, either the old file is there or the new one. And it knows
/// whether there are renames that a loss of power would still undo.
/// </summary>
internal sealed class DurableFiles(IFolder folder)
{
    /// <summary>Files that are never of any use to a later life.</summary>
    public const string Temporary = ".tmp";

    /// <summary>Names were changed that the disk may still forget, each for itself.</summary>
    private bool _unsynced;

    public IFolder Folder { get; } = folder;

    /// <summary>Returns when the new file would outlive a loss of power.</summary>
    /// <exception cref="FileException">All is as it was before.</exception>
    public void Replace(string name, ReadOnlySpan<byte> line, ReadOnlySpan<byte> payload)
    {
        var temporary = name + Temporary;
        var old = $"{name}.old{Temporary}";
        var isReplaced = false;
        var hadOld = false;
        try
        {
            using (var file = Folder.Create(temporary))
            {
                file.Write(line);
                file.Write(payload);
                file.Sync();
            }

            // The disk may keep renames in any order. Those of before must not be forgotten once this one is kept: it may take the
            // place of the only name that still led to what they promised. After the sync of a file this costs next to nothing.
            SyncIfNeeded();

            // A second name for the old file, only so that it can be put back.
            Folder.Remove(old);
            hadOld = Folder.Link(name, old);
            Folder.Rename(temporary, name);
            isReplaced = true;
            Folder.Sync();
        }
        catch (FileException)
        {
            PutBack(name, temporary, isReplaced, hadOld ? old : null);
            throw;
        }

        if (hadOld)
        {
            Try(() => Folder.Remove(old));
        }
    }

    /// <summary>Sees whether <see cref="Replace"/> would find room for a file of this size; changes nothing.</summary>
    /// <exception cref="FileException">It would not.</exception>
    public void Try(string name, int size)
    {
        var temporary = name + Temporary;
        try
        {
            using var file = Folder.Create(temporary);
            file.Write(new byte[size]);
            file.Sync();
        }
        finally
        {
            Try(() => Folder.Remove(temporary));
        }
    }

    /// <summary>A loss of power may undo it until the next <see cref="SyncIfNeeded"/>, <see cref="Replace"/> or <see cref="RemoveForGood"/>.</summary>
    public bool Rename(string name, string newName)
    {
        _unsynced = true;
        return Folder.Rename(name, newName);
    }

    public void RemoveForGood(string name)
    {
        _unsynced = true;
        Folder.Remove(name);
        SyncIfNeeded();
    }

    /// <summary>A disk that takes nothing keeps them until another start: they are in nobody's way.</summary>
    public void RemoveLeftovers()
    {
        foreach (var name in Folder.Names())
        {
            if (name.EndsWith(Temporary, StringComparison.Ordinal))
            {
                Try(() => Folder.Remove(name));
            }
        }
    }

    /// <summary>Returns when a loss of power would undo no rename any more.</summary>
    public void SyncIfNeeded()
    {
        if (_unsynced)
        {
            Folder.Sync();
            _unsynced = false;
        }
    }

    private void PutBack(string name, string temporary, bool isReplaced, string? old)
    {
        _unsynced = true;
        if (isReplaced)
        {
            Try(() => old is null ? Folder.Remove(name) : Folder.Rename(old, name));
            return;
        }

        Try(() => Folder.Remove(temporary));
        if (old is not null)
        {
            Try(() => Folder.Remove(old));
        }
    }

    /// <summary>What is only tidying up: what is left is removed at the next start.</summary>
    private static void Try(Func<bool> action)
    {
        try
        {
            action();
        }
        catch (FileException)
        {
            // The failure that led here is told; that there is a second one changes nothing.
        }
    }
}
