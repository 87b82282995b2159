using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Testing.Processes;

/// <summary>What can be sent to a process, by the kernel's numbers.</summary>
public enum Signal
{
    Interrupt = 2,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

internal static partial class SignalCalls
{
    public static void Send(int process, Signal signal)
    {
        if (Kill(process, (int)signal) != 0)
        {
            var reason = new Win32Exception(Marshal.GetLastPInvokeError());
            throw new InvalidOperationException($"kill {process}: {reason.Message}", reason);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
