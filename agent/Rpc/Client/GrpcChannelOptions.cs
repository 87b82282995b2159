using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>How a channel connects and what it accepts.</summary>
public sealed class GrpcChannelOptions
{
    private const int DefaultMaxMessageSize = 4 * 1024 * 1024;

    /// <summary>Insecure for http, TLS for https unless set.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>The longest response message accepted, in bytes; null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxMessageSize;

    /// <summary>The longest request message sent, in bytes; null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; } = DefaultMaxMessageSize;

    /// <summary>
    /// The transport: certificates, Unix sockets (ConnectCallback) and keepalive are set here. The channel makes one of its own
    /// unless set.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether disposing of the channel disposes of <see cref="HttpHandler"/> too.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>How long calls fail at once after a first failed connection attempt; doubles roughly with each further one.</summary>
    public TimeSpan InitialReconnectBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What <see cref="InitialReconnectBackoff"/> grows to; null for no bound.</summary>
    public TimeSpan? MaxReconnectBackoff { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Sends call credentials over a connection without TLS. For tests, and for Unix sockets.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }
}
