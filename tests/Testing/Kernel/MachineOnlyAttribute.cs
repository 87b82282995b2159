using NUnit.Framework;

namespace Cloudbr.Agent.Testing.Kernel;

/// <summary>
/// Spares the lab a test of <c>Kernel.Tests</c> that another kernel could not make fail: programs are slow there, and it
/// passes or fails on the machine.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class MachineOnlyAttribute() : CategoryAttribute(Name)
{
    public new const string Name = "MachineOnly";
}
