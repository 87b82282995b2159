using Cloudbr.Agent.Interop.Peers;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Cases;

internal static class UnaryCases
{
    public static async Task EmptyUnaryAsync(OurClient client) =>
        Assert.That(await client.Service.EmptyCallAsync(new Empty(), OurClient.Options()), Is.EqualTo(new Empty()));

    public static async Task LargeUnaryAsync(OurClient client)
    {
        var response = await client.Service.UnaryCallAsync(Message.Large(), OurClient.Options());
        Message.AssertZeros(response.Payload, 314159);
    }
}
