using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Files;

/// <summary>A folder on disk, held open: it stays the same one whatever is done to its path meanwhile.</summary>
public sealed class Folder : IFolder, IDisposable
{
    /// <summary>More is in no file of the agent's, and would be read into memory as a whole.</summary>
    private const long MostBytes = 256 << 20;

    private readonly SafeFileHandle _handle;

    private Folder(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>Made for its owner alone if it is not there; one that is there keeps its mode.</summary>
    public static Folder Open(string path)
    {
        FileCalls.MakeFolder(path);
        return new Folder(path, FileCalls.OpenFolder(path));
    }

    public IReadOnlyList<string> Names()
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Path).Select(p => System.IO.Path.GetFileName(p))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileException("readdir", Path, NumberOf(e));
        }
    }

    public byte[]? Read(string name)
    {
        var path = PathOf(name);
        if (FileKindOf(path) is var kind and not (FileKind.File or FileKind.Missing))
        {
            throw new FileException("open", path, kind switch
            {
                FileKind.Directory => Errno.IsDirectory,
                FileKind.Link => Errno.TooManyLinks,
                _ => Errno.Invalid,
            });
        }

        using var file = FileCalls.OpenFile(_handle, Path, name, FileCalls.ReadOnly);
        return file is null ? null : ReadAll(file, path);
    }

    public IFileWriter Create(string name)
    {
        while (true)
        {
            if (FileCalls.OpenFile(_handle, Path, name, FileCalls.WriteOnly | FileCalls.MakeItNew) is { } file)
            {
                return new Writer(file, PathOf(name));
            }

            FileCalls.Remove(_handle, Path, name);
        }
    }

    public bool Rename(string name, string newName) => FileCalls.Rename(_handle, Path, name, newName);

    public bool Link(string name, string second) => FileCalls.Link(_handle, Path, name, second);

    public bool Remove(string name) => FileCalls.Remove(_handle, Path, name);

    public void Sync() => FileCalls.Sync(_handle, Path);

    /// <summary>
    /// Takes a file as the sign that this process alone works in the folder, until it is disposed or the process ends, however it ends.
    /// </summary>
    /// <exception cref="FileException">It is <see cref="FileException.IsLocked"/> where another one has it.</exception>
    public IDisposable Lock(string name)
    {
        // Only for reading: a file that is open for writing would keep the disk from being mounted read-only.
        var file = FileCalls.OpenFile(_handle, Path, name, FileCalls.ReadOnly | FileCalls.MakeIt)!;
        try
        {
            FileCalls.Lock(file, PathOf(name));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    private static byte[] ReadAll(SafeFileHandle file, string path)
    {
        var length = RandomAccess.GetLength(file);
        if (length > MostBytes)
        {
            throw new FileException("read", path, Errno.FileTooLarge);
        }

        // One byte more than there should be: a file that grows while it is read is told from one that does not.
        var bytes = new byte[length + 1];
        var count = 0;
        while (count < bytes.Length && FileCalls.Read(file, path, bytes.AsSpan(count)) is var more and > 0)
        {
            count += more;
        }

        return bytes.AsSpan(0, count).ToArray();
    }

    private static FileKind FileKindOf(string path)
    {
        try
        {
            return FileKinds.Of(path);
        }
        catch (IOException e)
        {
            throw new FileException("stat", path, NumberOf(e));
        }
    }

    /// <summary>.NET keeps the kernel's number in the exception where it does not make another one of it.</summary>
    private static int NumberOf(Exception e) => e switch
    {
        UnauthorizedAccessException => Errno.AccessDenied,
        DirectoryNotFoundException or FileNotFoundException => Errno.NoEntry,
        _ => e.HResult & 0xFFFF,
    };

    private string PathOf(string name) => System.IO.Path.Combine(Path, name);

    private sealed class Writer(SafeFileHandle file, string path) : IFileWriter
    {
        public void Write(ReadOnlySpan<byte> bytes) => FileCalls.Write(file, path, bytes);

        public void Sync() => FileCalls.Sync(file, path);

        public void Dispose() => file.Dispose();
    }
}
