using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

public class LossTests
{
    private const int Count = 200;

    [Test, Needs(Feature.Netem)]
    public void Netem_WithLoss_LosesAboutThatShare()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "eth0", "10.0.0.1/24"), new(right, "eth0", "10.0.0.2/24"));
        AnswerTheFirst(left);
        left.Exec("tc", "qdisc", "add", "dev", "eth0", "root", "netem", "loss", "30%");

        var lost = Count - Ping.From(left, "10.0.0.2", Count, "-i", "0.002").Received;

        // 60 expected; the bounds are seven standard deviations away.
        Assert.That(lost, Is.InRange(15, 105));
    }

    [Test, Needs(Feature.NftablesRandom)]
    public void NftablesRandomDrop_WithLoss_LosesAboutThatShare()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "eth0", "10.0.0.1/24"), new(right, "eth0", "10.0.0.2/24"));
        AnswerTheFirst(left);
        right.TryExec(
            ["nft", "-f", "-"],
            """
            table ip lossy {
              chain in {
                type filter hook input priority 0;
                icmp type echo-request numgen random mod 100 < 30 drop;
              }
            }

            """).EnsureSuccess();

        var lost = Count - Ping.From(left, "10.0.0.2", Count, "-i", "0.002").Received;

        Assert.That(lost, Is.InRange(15, 105));
    }

    // Address resolution happens before the loss begins, or a lost ARP request would lose pings of its own.
    private static void AnswerTheFirst(NetNamespace from) => Assert.That(Ping.From(from, "10.0.0.2").Received, Is.EqualTo(3));
}
