namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>What a request was answered with, as it was sent.</summary>
internal abstract record Answer;

/// <summary>A response message.</summary>
internal sealed record MessageAnswer(ReadOnlyMemory<byte> Message) : Answer;

/// <summary>A failed status with all that came with it.</summary>
internal sealed record StatusAnswer(int Code, string Detail, IReadOnlyList<AnswerTrailer> Trailers) : Answer;

/// <summary>One trailer; text is kept as its UTF-8 bytes.</summary>
internal sealed record AnswerTrailer(string Key, ReadOnlyMemory<byte> Value);
