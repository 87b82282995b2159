// What tests start and kill. A process that holds a namespace, in which FRR may run, with a veth whose other end is in the
// namespace given by path, says so, and waits for ever; one that changes its desired state without end, or
// its host as well; one with a disk of its own.
using System.Globalization;
using Cloudbr.Agent.Kernel.Tests.State;
using Cloudbr.Agent.Testing.Namespaces;

switch (args)
{
    case ["write-journal", var state]:
        return JournalWriter.Run(state);
    case ["chaos-agent", var state, var host, var seed]:
        return ChaosAgent.Run(state, host, int.Parse(seed, CultureInfo.InvariantCulture), isToRest: false);
    case ["chaos-rest", var state, var host, var seed, var taken]:
        return ChaosAgent.Run(state, host, int.Parse(seed, CultureInfo.InvariantCulture), isToRest: true, int.Parse(taken, CultureInfo.InvariantCulture));
    case ["fill-disk", var folder]:
        return DiskScenes.Fill(folder);
    case ["freeze-disk", var folder]:
        return DiskScenes.Freeze(folder);
}

if (args is not [("hold-namespace" or "hold-frr") and var order, var peerPath])
{
    Console.Error.WriteLine("usage: hold-namespace|hold-frr PEER_NAMESPACE_PATH | write-journal|fill-disk|freeze-disk FOLDER | chaos-agent FOLDER NAMESPACE_PATH SEED | chaos-rest FOLDER NAMESPACE_PATH SEED VNI");
    return 2;
}

using var held = NetNamespace.Create();
held.Exec("ip", "link", "add", "name", "held", "type", "veth", "peer", "name", "witness", "netns", peerPath);
held.Exec("ip", "link", "add", "name", "bridge", "type", "bridge");
using var frr = order == "hold-frr" ? await Frr.StartAsync(held, Frr.Evpn("192.0.2.1", "192.0.2.2")) : null;
Console.WriteLine($"holding {held.Identity}");

// This process exists to be killed by its test, and must not end by itself before: there is nothing else to await.
Thread.Sleep(Timeout.Infinite);
return 0;
