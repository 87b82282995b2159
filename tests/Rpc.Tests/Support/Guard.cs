namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>Awaits that give up instead of hanging. No test asserts how long anything takes.</summary>
internal static class Guard
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task Guarded(this Task task) => task.WaitAsync(Limit);

    public static Task<T> Guarded<T>(this Task<T> task) => task.WaitAsync(Limit);
}
