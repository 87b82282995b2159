using System.Net;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>A request body that says nothing and does not end until a task does.</summary>
internal sealed class OpenContent(Task end) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await end;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
