using System.Buffers;
using System.Globalization;
using System.Text;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>What `git fast-import` reads: commits one after the other, each with the files that changed.</summary>
internal sealed class FastImport(Stream output)
{
    public const string Branch = "refs/heads/main";

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private int _commits;

    /// <param name="author">A name, an address in angle brackets and a date.</param>
    /// <param name="committer">The same of who writes it.</param>
    /// <param name="message">The commit's message.</param>
    /// <param name="from">The commit that it stands on; null for the one before in this stream, or for none.</param>
    public void BeginCommit(string author, string committer, string message, string? from)
    {
        Line($"commit {Branch}");
        Line(string.Create(CultureInfo.InvariantCulture, $"mark :{++_commits}"));
        Line($"author {author}");
        Line($"committer {committer}");
        Data(message);
        if (from is not null)
        {
            Line($"from {from}");
        }
    }

    public void RemoveAll() => Line("deleteall");

    public void Add(HistoryFile file)
    {
        if (file.Text is null)
        {
            Line($"D {file.Path}");
            return;
        }

        Line($"M 100644 inline {file.Path}");
        Data(file.Text());
    }

    /// <summary>Sends the commit, and asks for its hash: a line on git's standard output.</summary>
    public async Task EndCommitAsync(CancellationToken cancellationToken)
    {
        Line("");
        Line(string.Create(CultureInfo.InvariantCulture, $"get-mark :{_commits}"));
        await SendAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Without this word git takes the stream for one that broke off, and keeps nothing of it.</summary>
    public Task FinishAsync(CancellationToken cancellationToken)
    {
        Line("done");
        return SendAsync(cancellationToken);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _buffer.ResetWrittenCount();
    }

    /// <summary>Its length goes before it, so that it may be anything.</summary>
    private void Data(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Line(string.Create(CultureInfo.InvariantCulture, $"data {bytes.Length}"));
        _buffer.Write(bytes);
        Line("");
    }

    private void Line(string text)
    {
        Encoding.UTF8.GetBytes(text, _buffer);
        _buffer.Write("\n"u8);
    }
}
