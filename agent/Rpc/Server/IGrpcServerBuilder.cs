using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Lets a host add what it needs on top of gRPC.</summary>
public interface IGrpcServerBuilder
{
    IServiceCollection Services { get; }
}
