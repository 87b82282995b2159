using System.Collections.Concurrent;
using Cloudbr.Agent.Rpc.Client;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>A server that calls can be made to. Connects when the first call is made, and again when a connection was lost.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly Uri _address;
    private readonly ConcurrentDictionary<IMethod, Uri> _uris = new(ReferenceEqualityComparer.Instance);
    private bool _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        _address = address;
        var secure = address.Scheme == Uri.UriSchemeHttps;
        if (options.Credentials is { } credentials && credentials.IsSecure != secure)
        {
            throw new InvalidOperationException(
                $"The address {address} {(secure ? "is" : "is not")} https and the channel's credentials {(secure ? "are insecure" : "are for TLS")}.");
        }

        CallCredentials = options.Credentials?.CallCredentials;
        SendsCallCredentials = secure || options.UnsafeUseInsecureChannelCallCredentials;
        MaxReceive = options.MaxReceiveMessageSize ?? int.MaxValue;
        MaxSend = options.MaxSendMessageSize ?? int.MaxValue;
        Backoff = new ReconnectBackoff(options.InitialReconnectBackoff, options.MaxReconnectBackoff, TimeProvider.System);
        Invoker = new HttpMessageInvoker(
            options.HttpHandler ?? Transport(),
            disposeHandler: options.HttpHandler is null || options.DisposeHttpClient);
    }

    internal HttpMessageInvoker Invoker { get; }

    internal ReconnectBackoff Backoff { get; }

    internal CallCredentials? CallCredentials { get; }

    internal bool SendsCallCredentials { get; }

    internal int MaxReceive { get; }

    internal int MaxSend { get; }

    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) =>
        ForAddress(new Uri(address), channelOptions);

    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException($"The address {address} is neither http nor https.", nameof(address));
        }

        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new HttpCallInvoker(this);
    }

    public void Dispose()
    {
        _disposed = true;
        Invoker.Dispose();
    }

    internal Uri UriOf(IMethod method) => _uris.GetOrAdd(method, static (m, address) => new Uri(address, m.FullName), _address);

    /// <summary>Nothing of what browsers do: gRPC knows neither redirects nor cookies.</summary>
    private static SocketsHttpHandler Transport() =>
        new() { EnableMultipleHttp2Connections = true, UseProxy = false, UseCookies = false, AllowAutoRedirect = false };

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }
}
