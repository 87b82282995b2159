using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Support;

internal static class Expect
{
    /// <summary>Awaits a call that has to fail, and checks with which status.</summary>
    public static async Task<RpcException> FailureAsync(Task call, StatusCode code)
    {
        try
        {
            await call.Guarded();
        }
        catch (RpcException e)
        {
            Assert.That(e.StatusCode, Is.EqualTo(code), e.Status.Detail);
            return e;
        }

        Assert.Fail($"The call succeeded; expected was {code}.");
        throw new InvalidOperationException();
    }
}
