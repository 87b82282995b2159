namespace Cloudbr.Agent.Linux.Files;

/// <summary>
/// The files of one folder, by name, one method for each thing that can be asked of the disk. Nothing here outlives a loss of power
/// unless it was synced: what is in a file by the file's <see cref="IFileWriter.Sync"/>, that it has its name by the folder's
/// <see cref="Sync"/>. What fails is a <see cref="FileException"/>.
/// </summary>
public interface IFolder
{
    string Path { get; }

    /// <summary>The names in it, in no order.</summary>
    IReadOnlyList<string> Names();

    /// <summary>All that is in a file; null if there is none of that name.</summary>
    byte[]? Read(string name);

    /// <summary>A new file, readable for its owner alone; an old one of that name is let go of, and whatever else names it keeps it.</summary>
    IFileWriter Create(string name);

    /// <summary>Gives a file another name, at once and in the place of what had that. False if there is no such file.</summary>
    bool Rename(string name, string newName);

    /// <summary>A second name for the same file. False if there is no such file.</summary>
    bool Link(string name, string second);

    /// <summary>False if there is no such file.</summary>
    bool Remove(string name);

    /// <summary>Returns when all that was created, renamed and removed so far would outlive a loss of power.</summary>
    void Sync();
}

/// <summary>A file that is being written.</summary>
public interface IFileWriter : IDisposable
{
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Returns when all that was written would outlive a loss of power.</summary>
    void Sync();
}
