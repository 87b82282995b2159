using System.Collections.ObjectModel;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>What holds for every service of a server.</summary>
public class GrpcServiceOptions
{
    /// <summary>4 MiB, as in every gRPC implementation.</summary>
    internal const int DefaultMaxMessageSize = 4 * 1024 * 1024;

    /// <summary>The longest request message accepted, in bytes; null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxMessageSize;

    /// <summary>The longest response message sent, in bytes; null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; } = DefaultMaxMessageSize;

    /// <summary>Whether callers are told the text of an unexpected exception. For development only.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>"gzip" compresses responses for callers that accept it.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>Middleware around every call; the first added sees a call first.</summary>
    public InterceptorCollection Interceptors { get; } = [];
}

public class InterceptorCollection : Collection<InterceptorRegistration>
{
    public void Add<TInterceptor>(params object[] args)
        where TInterceptor : Interceptor => Add(typeof(TInterceptor), args);

    public void Add(Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);
        if (!interceptorType.IsSubclassOf(typeof(Interceptor)))
        {
            throw new ArgumentException($"{interceptorType} is no {nameof(Interceptor)}.", nameof(interceptorType));
        }

        Add(new InterceptorRegistration(interceptorType, args));
    }
}

/// <summary>An interceptor's type, and those constructor arguments that services do not provide.</summary>
public class InterceptorRegistration
{
    internal InterceptorRegistration(Type type, object[] arguments)
    {
        Type = type;
        Arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<object> Arguments { get; }
}
