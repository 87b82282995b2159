using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>
/// What kind of life a seed gives, for the agent and for its test: one in which nobody else does anything has to have no failure and
/// no drift; and with little room for the kernel's reports even the agent's own are more than that holds.
/// </summary>
internal readonly record struct ChaosLife(bool IsDisturbed, int ReportBuffer)
{
    private const int LittleRoom = 16 * 1024;

    public bool LosesReports => ReportBuffer == LittleRoom;

    public static ChaosLife Of(int seed) => new(IsDisturbed: (seed & 2) != 0, (seed & 1) != 0 ? LittleRoom : RouteMonitor.DefaultReceiveBuffer);
}
