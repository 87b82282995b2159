namespace Cloudbr.Agent.Linux.Host;

/// <summary>What a name in the file system stands for; .NET tells only some of these apart.</summary>
public enum FileKind
{
    Missing,
    File,
    Directory,
    Link,
    Socket,
    Other,
}

/// <summary>Looks at a name without following it, opening it or waiting for it.</summary>
public static class FileKinds
{
    public static FileKind Of(string path) => (FileStatus.Of(path)?.Mode & 0xF000) switch
    {
        null => FileKind.Missing,
        0x4000 => FileKind.Directory,
        0x8000 => FileKind.File,
        0xA000 => FileKind.Link,
        0xC000 => FileKind.Socket,
        _ => FileKind.Other,
    };
}
