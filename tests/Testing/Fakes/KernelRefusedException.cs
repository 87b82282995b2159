namespace Cloudbr.Agent.Testing.Fakes;

/// <summary>The kernel said no: its errno's name and its own words. Nothing of the step was done.</summary>
public sealed class KernelRefusedException(string errno, string message) : Exception($"{errno}: {message}")
{
    public string Errno => errno;
}
