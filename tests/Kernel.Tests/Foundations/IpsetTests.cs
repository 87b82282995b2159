using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Ipset)]
public class IpsetTests
{
    [Test]
    public void Restore_ThenSwap_ReplacesMembersAtOnce()
    {
        using var host = NetNamespace.Create();
        host.TryExec(
            ["ipset", "restore"],
            """
            create CB-a hash:net
            add CB-a 10.0.0.0/24
            create CB-b hash:net
            add CB-b 10.0.1.0/24
            swap CB-a CB-b
            destroy CB-b

            """).EnsureSuccess();

        Assert.That(host.Exec("ipset", "list", "-name").Output, Is.EqualTo("CB-a\n"));
        Assert.That(host.TryExec(["ipset", "test", "CB-a", "10.0.1.7"]).Succeeded);
        Assert.That(host.TryExec(["ipset", "test", "CB-a", "10.0.0.7"]).Succeeded, Is.False);
    }
}
