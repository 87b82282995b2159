using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>The standard reflection service.</summary>
internal sealed class ReflectionService(ReflectionStream stream) : ServerReflection.ServerReflectionBase
{
    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) => stream.AnswerAsync(requestStream, responseStream, Answer, context);

    internal static ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var answer = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                answer.ListServicesResponse = new ListServiceResponse();
                answer.ListServicesResponse.Service.Add(ReflectedFiles.Services.Select(s => new ServiceResponse { Name = s }));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerFiles(answer, ReflectedFiles.WithName(request.FileByFilename), $"file {request.FileByFilename}");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AnswerFiles(answer, ReflectedFiles.Defining(request.FileContainingSymbol), request.FileContainingSymbol);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension
                or ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                answer.ErrorResponse = Error(StatusCode.NotFound, "the contract has no extensions");
                break;
            default:
                answer.ErrorResponse = Error(StatusCode.InvalidArgument, "the request asks for nothing that this service knows");
                break;
        }

        return answer;
    }

    private static void AnswerFiles(ServerReflectionResponse answer, IReadOnlyList<ByteString>? files, string what)
    {
        if (files is null)
        {
            answer.ErrorResponse = Error(StatusCode.NotFound, $"{what} is not part of the contract");
            return;
        }

        answer.FileDescriptorResponse = new FileDescriptorResponse();
        answer.FileDescriptorResponse.FileDescriptorProto.Add(files);
    }

    private static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };
}
