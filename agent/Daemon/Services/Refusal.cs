using System.Text;
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

    /// <summary>
    /// A refusal travels in headers, and gRPC clients take 8 KiB of these. The message comes three times: as text, percent-
    /// encoded, and in the details, in base 64, once as a whole and once by field.
    /// </summary>
    private const int MostViolations = 16;
    private const int MostMessageBytes = 1200;

    public static RpcException InvalidArgument(IReadOnlyList<Violation> violations)
    {
        var bad = new BadRequest();
        var message = new StringBuilder();
        foreach (var violation in violations.Take(MostViolations))
        {
            var text = $"{(message.Length == 0 ? "" : "; ")}{violation.FieldPath}: {violation.Reason}";
            if (bad.FieldViolations.Count > 0 && Encoding.UTF8.GetByteCount(text) + Encoding.UTF8.GetByteCount(message.ToString()) > MostMessageBytes)
            {
                break;
            }

            message.Append(text);
            bad.FieldViolations.Add(new BadRequest.Types.FieldViolation
            {
                Field = violation.FieldPath,
                Description = Clip(violation.Reason, MostMessageBytes / 2),
            });
        }

        var untold = violations.Count - bad.FieldViolations.Count;
        return Make(
            StatusCode.InvalidArgument,
            $"{Clip(message.ToString(), MostMessageBytes)}{(untold == 0 ? "" : $"; and {untold} more")}",
            "INVALID_ARGUMENT",
            bad);
    }

    public static RpcException NoSuchService(string name) => Make(
        StatusCode.NotFound, $"there is no service '{Clip(name, MostMessageBytes / 8)}' here; List names those that are", "NO_SUCH_SERVICE");

    public static RpcException Unimplemented(string method, string version) => Make(
        StatusCode.Unimplemented,
        $"{method.TrimStart('/')} is part of the contract, and this agent ({version}) does not do it yet; GetCapabilities lists what it does",
        "NOT_IN_THIS_VERSION");

    public static RpcException Stopping() => Make(
        StatusCode.Unavailable, "the agent is stopping; the data plane stays as it is. Connect again when it has started", "AGENT_STOPPING");

    /// <summary>The text, or its beginning where it is too long; never half a character.</summary>
    private static string Clip(string text, int mostBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= mostBytes)
        {
            return text;
        }

        var (bytes, end) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > mostBytes)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return $"{text[..end]}…";
    }

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
