using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>A refusal as a client gets it, with its details read.</summary>
internal sealed record Refused(StatusCode Code, string Words, Google.Rpc.Status Details, int TrailerBytes)
{
    public ErrorInfo Info => Detail<ErrorInfo>();

    public IReadOnlyList<BadRequest.Types.FieldViolation> Violations => Detail<BadRequest>().FieldViolations;

    public V1.Failure Failure => Detail<V1.Failure>();

    public V1.ChangeReport Report => Detail<V1.ChangeReport>();

    public bool Has<T>()
        where T : IMessage<T>, new() => Details.Details.Any(d => d.Is(new T().Descriptor));

    public T Detail<T>()
        where T : IMessage<T>, new() => Details.Details.Single(d => d.Is(new T().Descriptor)).Unpack<T>();

    public static async Task<Refused> ByAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException e)
        {
            return Of(e);
        }

        throw new AssertionException("the call succeeded and should have been refused");
    }

    public static Refused Of(RpcException exception)
    {
        var bytes = exception.Trailers.GetValueBytes("grpc-status-details-bin")
            ?? throw new AssertionException($"{exception.Status} came without details");
        var details = Google.Rpc.Status.Parser.ParseFrom(bytes);
        Assert.That((StatusCode)details.Code, Is.EqualTo(exception.StatusCode), "the details are of this status");
        Assert.That(details.Message, Is.EqualTo(exception.Status.Detail), "the details are of this status");

        // As both travel: percent-encoded and in base 64.
        var length = Uri.EscapeDataString(exception.Status.Detail).Length + Convert.ToBase64String(bytes).Length;
        return new Refused(exception.StatusCode, exception.Status.Detail, details, length);
    }
}
