// What tests start as a child, where something belongs to a whole process: its environment and its current directory.
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Linux.Systemd;

switch (args)
{
    case ["ready", var status]:
        Console.WriteLine(ServiceManager.Ready(status) ?? "told");
        return 0;
    case ["stopping", var status]:
        Console.WriteLine(ServiceManager.Stopping(status) ?? "told");
        return 0;
    case ["journal"]:
        Console.WriteLine(Journal.IsConnected ? "connected" : "not connected");
        return 0;
    case ["tool", var name]:
        try
        {
            Console.Write((await Tool.RunAsync(name, [], TimeSpan.FromSeconds(30), CancellationToken.None)).Output);
        }
        catch (ToolException e) when (e.IsMissing)
        {
            Console.WriteLine("missing");
        }

        return 0;
    default:
        Console.Error.WriteLine("usage: ready STATUS | stopping STATUS | journal | tool NAME");
        return 2;
}
