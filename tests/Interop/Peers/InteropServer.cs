using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>Our server: built next to the tests, and run by the runtime that runs them.</summary>
internal static class InteropServer
{
    public static (string Program, string[] Arguments) Command
    {
        get
        {
            // <dotnet root>/shared/Microsoft.NETCore.App/<version>/
            var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            return (dotnet, [Path.Combine(AppContext.BaseDirectory, "interop-server.dll"), "--until-stdin-closes"]);
        }
    }
}
