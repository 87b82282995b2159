using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Linux.Files;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>What is wrong with the agent's own files, in words that help at three in the morning.</summary>
internal static class StateFailures
{
    public static JournalException NotWritable(string folder, FileException e) => new(Of(folder, e), e);

    public static JournalException NotReadable(string folder, FileException e) => new(
        new Failure
        {
            Operation = "read",
            Subject = ObjectRef.File(e.Path),
            Reason = "STATE_NOT_READABLE",
            Message = $"{e.Path} is there and cannot be read: {e.Words}. The agent does not guess what this host is to be",
            Evidence = e.Message,
            Remedy = e.IsRefused
                ? $"give {folder} and all in it to the user that the service runs as"
                : $"see the kernel's log for the disk under {folder}; without a readable {e.Path} the agent starts only if that is moved away",
        },
        e);

    public static JournalException InUse(string folder, FileException e) => new(
        new Failure
        {
            Operation = "lock",
            Subject = ObjectRef.File(e.Path),
            Reason = "STATE_IN_USE",
            Message = $"another agent works with {folder}",
            Evidence = e.Message,
            Remedy = $"see who it is with 'fuser -v {e.Path}', and stop one of them",
        },
        e);

    public static Failure Of(string folder, FileException e) => new()
    {
        Operation = e.Operation,
        Subject = ObjectRef.File(e.Path),
        Reason = "STATE_NOT_WRITABLE",
        Message = $"the agent's state cannot be kept in {folder}: {e.Words}",
        Evidence = e.Message,
        Remedy = e switch
        {
            { IsNoRoom: true } =>
                $"make room on the file system of {folder} ('df {folder}' and 'df -i {folder}' say what is full), or raise the quota of the user "
                + "that the service runs as",
            { IsReadOnly: true } =>
                $"mount the file system of {folder} writable again; the kernel's log says whether an error made it read-only",
            { IsRefused: true } => $"give {folder} and all in it to the user that the service runs as",
            _ => $"see the kernel's log for the disk under {folder}",
        },
        Retryable = true,
    };

    /// <param name="path">The file as it was called.</param>
    /// <param name="where">Where it was put.</param>
    /// <param name="what">What is wrong with it.</param>
    /// <param name="isNewer">Whether it is whole, and a newer agent's.</param>
    /// <param name="remedy">What to do about it.</param>
    public static Failure Damaged(string path, string where, string what, bool isNewer, string remedy) => new()
    {
        Operation = "read",
        Subject = ObjectRef.File(path),
        Reason = isNewer ? "JOURNAL_TOO_NEW" : "JOURNAL_DAMAGED",
        Message = $"{path} {(isNewer ? "is a newer agent's" : "is damaged")}: {what}; it was put aside as {where}",
        Evidence = what,
        Remedy = remedy,
    };
}
