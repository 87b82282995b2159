using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using V1Request = Grpc.Reflection.V1.ServerReflectionRequest;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>Reflection for tools older than v1. The two versions are alike to the byte, so one answers for the other.</summary>
internal sealed class ReflectionV1AlphaService(ReflectionStream stream) : ServerReflection.ServerReflectionBase
{
    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) => stream.AnswerAsync(requestStream, responseStream, Answer, context);

    private static ServerReflectionResponse Answer(ServerReflectionRequest request) => ServerReflectionResponse.Parser.ParseFrom(
        ReflectionService.Answer(V1Request.Parser.ParseFrom(request.ToByteString())).ToByteString());
}
