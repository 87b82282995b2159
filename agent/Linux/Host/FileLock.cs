using System.Globalization;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>Who locked a file with flock(2), and who waits for that, as /proc/locks has it.</summary>
/// <param name="Holders">Their process ids.</param>
/// <param name="Waiters">Those of who waits.</param>
public sealed record FileLock(IReadOnlyList<int> Holders, IReadOnlyList<int> Waiters)
{
    /// <summary>Nobody if the file, or the list, cannot be read.</summary>
    public static FileLock Of(string path)
    {
        try
        {
            return FileStatus.Of(path) is { } file
                ? Read(
                    File.ReadAllText("/proc/locks"),
                    string.Create(CultureInfo.InvariantCulture, $"{file.DeviceMajor:x2}:{file.DeviceMinor:x2}:{file.Inode}"))
                : new FileLock([], []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FileLock([], []);
        }
    }

    /// <summary>Lines as "1: FLOCK  ADVISORY  WRITE 708 fe:00:1234 0 EOF", and with "->" after the number for who waits.</summary>
    internal static FileLock Read(string locks, string file)
    {
        var (holders, waiters) = (new List<int>(), new List<int>());
        foreach (var line in locks.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var at = words.Length > 1 && words[1] == "->" ? 2 : 1;
            if (words.Length > at + 4 && words[at] == "FLOCK" && words[at + 4] == file
                && int.TryParse(words[at + 3], NumberStyles.None, CultureInfo.InvariantCulture, out var process))
            {
                (at == 1 ? holders : waiters).Add(process);
            }
        }

        return new FileLock(holders, waiters);
    }
}
