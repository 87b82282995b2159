using Cloudbr.Agent.Core.Validation;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Grpc.Core.Status;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>The one shape in which a request is refused: words for people, details for programs.</summary>
internal static class Refusal
{
    private const string Domain = "cloudbr.agent";
    private const string DetailsTrailer = "grpc-status-details-bin";

    public static RpcException InvalidArgument(IReadOnlyList<Violation> violations)
    {
        var bad = new BadRequest();
        foreach (var violation in violations)
        {
            bad.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = violation.FieldPath, Description = violation.Reason });
        }

        var message = string.Join("; ", violations.Select(v => $"{v.FieldPath}: {v.Reason}"));
        return Make(StatusCode.InvalidArgument, message, "INVALID_ARGUMENT", bad);
    }

    public static RpcException Unimplemented(string method, string version) => Make(
        StatusCode.Unimplemented,
        $"{method.TrimStart('/')} is part of the contract, and this agent ({version}) does not do it yet; GetCapabilities lists what it does",
        "NOT_IN_THIS_VERSION");

    public static RpcException Stopping() => Make(
        StatusCode.Unavailable, "the agent is stopping; the data plane stays as it is. Connect again when it has started", "AGENT_STOPPING");

    private static RpcException Make(StatusCode code, string message, string reason, params IMessage[] details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(new ErrorInfo { Reason = reason, Domain = Domain }));
        foreach (var detail in details)
        {
            status.Details.Add(Any.Pack(detail));
        }

        return new RpcException(new Status(code, message), new Metadata { { DetailsTrailer, status.ToByteArray() } });
    }
}
