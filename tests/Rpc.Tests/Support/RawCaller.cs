using System.Net;
using System.Net.Http.Headers;

namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>An answer as it stood on the wire.</summary>
internal sealed record RawAnswer(HttpStatusCode Http, Dictionary<string, string> Headers, Dictionary<string, string> Trailers, byte[] Body)
{
    /// <summary>grpc-status, from wherever it stood.</summary>
    public string? Status => Trailers.GetValueOrDefault("grpc-status") ?? Headers.GetValueOrDefault("grpc-status");

    public string? Message => Trailers.GetValueOrDefault("grpc-message") ?? Headers.GetValueOrDefault("grpc-message");
}

/// <summary>HTTP/2 requests with bodies and headers made by hand, to say what no client of ours would.</summary>
internal sealed class RawCaller(Uri address, SocketsHttpHandler transport) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(transport);

    public async Task<RawAnswer> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(path, new ByteArrayContent(body), headers);
        var content = await response.Content.ReadAsByteArrayAsync().Guarded();
        return new RawAnswer(response.StatusCode, Of(response.Headers, response.Content.Headers), Of(response.TrailingHeaders), content);
    }

    /// <summary>Sends a request and returns when the headers of the response are there.</summary>
    public Task<HttpResponseMessage> SendAsync(string path, HttpContent content, params (string Name, string Value)[] headers)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers)
        {
            if (name == "content-type")
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return _invoker.SendAsync(request, CancellationToken.None).Guarded();
    }

    public void Dispose() => _invoker.Dispose();

    private static Dictionary<string, string> Of(params HttpHeaders[] groups) =>
        groups.SelectMany(g => g.NonValidated).ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
}
