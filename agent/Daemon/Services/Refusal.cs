using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Mapping;
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

    /// <summary>What the message and the details take together, with some left for the headers that the transport adds.</summary>
    private const int MostHeaderBytes = 7600;

    /// <summary>A failure has more parts than a violation, and its report needs room beside it.</summary>
    private const int MostFailureBytes = 600;
    private const int MostPathBytes = 200;
    private const int MostWordBytes = 64;

    /// <summary>The name of a message's type, and what stands around it.</summary>
    private const int AnyOverhead = 64;

    public const string NotYet = "NOT_IN_THIS_VERSION";
    private const string ConfirmAwaited = "CONFIRM_AWAITED";

    /// <summary>A full queue is worked off, and room is made, within moments; a confirmation somebody has to decide on.</summary>
    private static readonly TimeSpan RetryFull = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAwaited = TimeSpan.FromSeconds(5);

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
        var first = violations[0];
        return Make(
            StatusCode.InvalidArgument,
            $"{Clip(message.ToString(), MostMessageBytes)}{(untold == 0 ? "" : $"; and {untold} more")}",
            "INVALID_ARGUMENT",
            bad,
            new V1.Failure
            {
                Operation = "validate",
                Object = new V1.ObjectRef { Kind = V1.ObjectKind.Host },
                Reason = "INVALID_ARGUMENT",
                Message = Clip(first.Reason, MostMessageBytes / 6),
                FieldPath = Clip(first.FieldPath, MostMessageBytes / 6),
            });
    }

    /// <summary>
    /// Refuses what the contract has and this version does not do. The reason of each violation is the value, where another value of the
    /// field would be taken.
    /// </summary>
    public static RpcException NotInThisVersion(IReadOnlyList<Violation> asked, string version)
    {
        var names = asked.Take(MostViolations).Select(v => v.Reason.Length == 0 ? v.FieldPath : $"{v.FieldPath} {v.Reason}").ToList();
        var untold = asked.Count - names.Count;
        var message = Clip(
            $"{string.Join(", ", names)}{(untold == 0 ? "" : $" and {untold} more")}: part of the contract, and this agent ({version}) does not do it yet",
            MostMessageBytes);
        return Make(
            StatusCode.FailedPrecondition,
            message,
            NotYet,
            new Dictionary<string, string> { ["field_path"] = asked[0].FieldPath },
            new V1.Failure
            {
                Operation = "validate",
                Object = new V1.ObjectRef { Kind = V1.ObjectKind.Host },
                Reason = NotYet,
                Message = Clip(message, MostMessageBytes / 4),
                Remedy = "leave it out",
                FieldPath = asked[0].FieldPath,
            });
    }

    public static RpcException NoSuchGeneration(ulong asked, ulong inForce) => Make(
        StatusCode.NotFound,
        $"generation {asked} is not kept here; {inForce} is in force, and ListHistory tells which others there are",
        "NO_SUCH_GENERATION",
        new Dictionary<string, string> { ["generation"] = $"{inForce}" });

    /// <summary>
    /// Refuses a change that failed: <paramref name="failures"/> are those of <paramref name="report"/>, the decisive one first.
    /// </summary>
    public static RpcException Failed(IReadOnlyList<Failure> failures, V1.ChangeReport report)
    {
        var first = failures[0];
        var message = Clip(Words(first, failures.Count - 1, report), MostFailureBytes);
        var told = Clip(FailureMapping.ToMessage(first));
        var status = Begin(CodeOf(first.Kind), message, Clip(first.Reason, MostWordBytes), new Dictionary<string, string>
        {
            ["operation"] = told.Operation,
            ["object"] = Clip(first.Subject.ToString(), MostPathBytes),
            ["field_path"] = told.FieldPath,
            ["generation"] = $"{report.Generation}",
        });
        if (first.Kind == FailureKind.InvalidArgument)
        {
            status.Details.Add(Any.Pack(FieldsOf(failures)));
        }

        status.Details.Add(Any.Pack(told));
        if (RetryAfter(first) is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = delay.ToDuration() }));
        }

        // The report gets what room is left; base 64 makes four bytes of three.
        var room = ((MostHeaderBytes - Uri.EscapeDataString(message).Length) * 3 / 4) - status.CalculateSize() - AnyOverhead;
        if (TrailerReport.Fit(report, Math.Min(room, TrailerReport.MostBytes)) is { } fitting)
        {
            status.Details.Add(Any.Pack(fitting));
        }

        return End(status);
    }

    public static RpcException NoSuchService(string name) => Make(
        StatusCode.NotFound, $"there is no service '{Clip(name, MostMessageBytes / 8)}' here; List names those that are", "NO_SUCH_SERVICE");

    public static RpcException Unimplemented(string method, string version) => Make(
        StatusCode.Unimplemented,
        $"{method.TrimStart('/')} is part of the contract, and this agent ({version}) does not do it yet; GetCapabilities lists what it does",
        NotYet);

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

    private static StatusCode CodeOf(FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => StatusCode.InvalidArgument,
        FailureKind.ResourceExhausted => StatusCode.ResourceExhausted,
        FailureKind.Aborted => StatusCode.Aborted,
        _ => StatusCode.FailedPrecondition,
    };

    /// <summary>Null where waiting alone does not help.</summary>
    private static TimeSpan? RetryAfter(Failure failure) => failure switch
    {
        { Retryable: false } => null,
        { Reason: ConfirmAwaited } => RetryAwaited,
        { Kind: FailureKind.ResourceExhausted } => RetryFull,
        _ => null,
    };

    /// <summary>"network 42: guest MTU 1500 needs 1550 on eth0, which has 1500 (kernel's words); raise it".</summary>
    private static string Words(Failure failure, int others, V1.ChangeReport report)
    {
        var words = new StringBuilder($"{(failure.FieldPath.Length > 0 ? failure.FieldPath : failure.Subject.ToString())}: {failure.Message}");
        if (failure.Evidence.Length > 0)
        {
            words.Append($" ({Clip(failure.Evidence, MostFailureBytes / 3)})");
        }

        if (failure.Remedy.Length > 0)
        {
            words.Append($"; {failure.Remedy}");
        }

        if (others > 0)
        {
            words.Append($"; and {others} more");
        }

        return words.Append(report switch
        {
            { Outcome: V1.ChangeOutcome.FailedIncomplete } => ". Not all that was done could be taken back",
            { Undone: not null } => ". What was done is taken back",
            _ => "",
        }).ToString();
    }

    private static BadRequest FieldsOf(IReadOnlyList<Failure> failures)
    {
        var bad = new BadRequest();
        foreach (var failure in failures.Where(f => f.Kind == FailureKind.InvalidArgument))
        {
            var violation = new BadRequest.Types.FieldViolation
            {
                Field = Clip(failure.FieldPath, MostPathBytes),
                Description = Clip(failure.Message, MostFailureBytes / 2),
            };
            if (bad.FieldViolations.Count > 0 && bad.CalculateSize() + violation.CalculateSize() > MostFailureBytes)
            {
                break;
            }

            bad.FieldViolations.Add(violation);
        }

        return bad;
    }

    private static V1.Failure Clip(V1.Failure failure)
    {
        failure.Operation = Clip(failure.Operation, MostWordBytes);
        failure.Reason = Clip(failure.Reason, MostWordBytes);
        failure.Message = Clip(failure.Message, MostFailureBytes / 2);
        failure.Evidence = Clip(failure.Evidence, MostFailureBytes);
        failure.Remedy = Clip(failure.Remedy, MostFailureBytes / 2);
        failure.FieldPath = Clip(failure.FieldPath, MostPathBytes);
        failure.Object.Id = Clip(failure.Object.Id, MostWordBytes);
        failure.Object.Name = Clip(failure.Object.Name, MostWordBytes);
        failure.Object.Scope = Clip(failure.Object.Scope, MostWordBytes);
        return failure;
    }

    private static RpcException Make(StatusCode code, string message, string reason, params IMessage[] details) =>
        Make(code, message, reason, [], details);

    private static RpcException Make(
        StatusCode code, string message, string reason, Dictionary<string, string> metadata, params IMessage[] details)
    {
        var status = Begin(code, message, reason, metadata);
        foreach (var detail in details)
        {
            status.Details.Add(Any.Pack(detail));
        }

        return End(status);
    }

    private static Google.Rpc.Status Begin(StatusCode code, string message, string reason, Dictionary<string, string> metadata)
    {
        var info = new ErrorInfo { Reason = reason, Domain = Domain };
        foreach (var (name, value) in metadata.Where(m => m.Value.Length > 0))
        {
            info.Metadata.Add(name, value);
        }

        return new Google.Rpc.Status { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
    }

    private static RpcException End(Google.Rpc.Status status) => new(
        new Status((StatusCode)status.Code, status.Message), new Metadata { { DetailsTrailer, status.ToByteArray() } });
}
