using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

/// <summary>One change at a time, which must succeed.</summary>
internal static class SocketSteps
{
    public static Link Make(this RouteSocket socket, LinkSpec spec, int parent = 0, int master = 0, bool up = false)
    {
        socket.Apply(batch => batch.CreateLink(spec, parent, master, up));
        return socket.ReadLink(spec.Name)!;
    }

    public static void Change(this RouteSocket socket, Link link, LinkChange change, int master = 0) =>
        socket.Apply(batch => batch.ChangeLink(link.Index, change, master, link.Kind));

    public static void Apply(this RouteSocket socket, Func<RouteBatch, int> queue)
    {
        var batch = socket.NewBatch();
        Assert.That(queue(batch), Is.Zero, "the position of the first change");
        Assert.That(batch.Send(), Is.EqualTo(new KernelRefusal?[] { null }));
    }

    /// <summary>Runs several of ip's commands in one process; in the lab a process costs a tenth of a second.</summary>
    public static string Ip(this NetNamespace where, params IEnumerable<string> commands) =>
        where.TryExec(["ip", "-batch", "-"], string.Concat(commands.Select(c => c + "\n"))).EnsureSuccess().Output;
}
