namespace Grpc.Core;

/// <summary>How a channel's connection is protected. Certificates are set on the channel's HTTP handler.</summary>
public abstract class ChannelCredentials
{
    public static ChannelCredentials Insecure { get; } = new InsecureCredentials();

    public static ChannelCredentials SecureSsl { get; } = new SslCredentials();

    internal virtual CallCredentials? CallCredentials => null;

    internal abstract bool IsSecure { get; }

    /// <summary>Adds credentials that every call of the channel carries.</summary>
    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        return new CompositeCredentials(channelCredentials, callCredentials);
    }

    private sealed class InsecureCredentials : ChannelCredentials
    {
        internal override bool IsSecure => false;
    }

    private sealed class CompositeCredentials(ChannelCredentials channel, CallCredentials call) : ChannelCredentials
    {
        internal override CallCredentials CallCredentials => call;

        internal override bool IsSecure => channel.IsSecure;
    }
}

/// <summary>TLS with the platform's trust, or with what the channel's HTTP handler says.</summary>
public sealed class SslCredentials : ChannelCredentials
{
    internal override bool IsSecure => true;
}

public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);

/// <summary>What an <see cref="AsyncAuthInterceptor"/> may look at.</summary>
public class AuthInterceptorContext(string serviceUrl, string methodName)
{
    public string ServiceUrl { get; } = serviceUrl;

    public string MethodName { get; } = methodName;
}

/// <summary>Metadata that proves, per call, who calls. Sent over TLS only.</summary>
public sealed class CallCredentials
{
    private readonly AsyncAuthInterceptor[] _interceptors;

    private CallCredentials(AsyncAuthInterceptor[] interceptors) => _interceptors = interceptors;

    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        return new CallCredentials([interceptor]);
    }

    public static CallCredentials Compose(params CallCredentials[] credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return new CallCredentials([.. credentials.SelectMany(c => c._interceptors)]);
    }

    internal async Task AddToAsync(AuthInterceptorContext context, Metadata metadata)
    {
        foreach (var interceptor in _interceptors)
        {
            await interceptor(context, metadata).ConfigureAwait(false);
        }
    }
}
