using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>How much is remembered. Who retries does so within minutes, and a boot storm is a few thousand requests.</summary>
internal sealed record AnswerLimits
{
    /// <summary>So many answers, the newest.</summary>
    public int MostAnswers { get; init; } = 4096;

    /// <summary>The file grows to this size; then it is written anew with the newest answers, up to half of it.</summary>
    public long MostFileBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Answers that could not be written take so much memory.</summary>
    public long MostUnwrittenBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How the file is written to.</summary>
    public AnswerFile.FileWrite Write { get; init; } =
        static (SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);
}
