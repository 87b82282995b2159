// What NamespaceCleanupTests starts and kills: a process that holds a namespace with a veth whose other end is in the
// namespace given by path, says so, and waits for ever.
using Cloudbr.Agent.Testing.Namespaces;

if (args is not ["hold-namespace", var peerPath])
{
    Console.Error.WriteLine("usage: hold-namespace PEER_NAMESPACE_PATH");
    return 2;
}

using var held = NetNamespace.Create();
held.Exec("ip", "link", "add", "name", "held", "type", "veth", "peer", "name", "witness", "netns", peerPath);
held.Exec("ip", "link", "add", "name", "bridge", "type", "bridge");
Console.WriteLine($"holding {held.Identity}");
Thread.Sleep(Timeout.Infinite);
return 0;
