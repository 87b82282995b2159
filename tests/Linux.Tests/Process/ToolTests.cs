using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Linux.Tests.Process;

internal sealed class ToolTests
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(60);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(255)]
    public async Task RunAsync_ToolThatEnds_HasItsExitCodeAndBothOutputsExactly(int code)
    {
        var result = await RunAsync("sh", "-c", $"printf ' out\\n\\n'; printf '\\terr' >&2; exit {code}");
        Assert.That(result, Is.EqualTo(new ToolResult(code, " out\n\n", "\terr")));
    }

    [Test]
    public async Task RunAsync_ArgumentsThatAShellWouldChange_ArriveAsTheyAre()
    {
        string[] arguments = ["a b", "", "$HOME", "`id`", "$(id)", "; id", "| id", "> /tmp/x", "*", "~", "'", "\"", "\\", "\n", "--", "-x", "é", "&&"];
        var result = await RunAsync("printf", ["%s\\0", .. arguments]);
        Assert.That(result.Output.Split('\0')[..^1], Is.EqualTo(arguments));
    }

    [Test]
    public async Task RunAsync_MuchOnBothOutputs_IsReadWhole()
    {
        // Far more than pipes hold: a reader of one after the other would wait for ever.
        const int Lines = 400_000;
        var result = await RunAsync("sh", "-c", $"seq {Lines} >&2; seq {Lines}");
        var expected = string.Concat(Enumerable.Range(1, Lines).Select(i => $"{i}\n"));
        Assert.That(result.Output == expected, "stdout");
        Assert.That(result.Error == expected, "stderr");
    }

    [Test]
    public async Task RunAsync_ToolThatReadsInput_FindsItEmpty() =>
        Assert.That((await RunAsync("cat")).Output, Is.Empty);

    [Test]
    public async Task RunAsync_WhateverTheLanguage_ToolsSpeakC() =>
        Assert.That((await RunAsync("sh", "-c", "printf %s \"$LC_ALL\"")).Output, Is.EqualTo("C"));

    [Test]
    public void RunAsync_NoSuchTool_IsMissingAndSaysSo() => Assert.That(
        () => RunAsync("cloudbr-no-such-tool"),
        Throws.TypeOf<ToolException>().With.Property(nameof(ToolException.IsMissing)).True.And.Message.EqualTo("cloudbr-no-such-tool is not installed"));

    [Test]
    public void RunAsync_FileThatIsNoProgram_IsNotMissingButSaysWhy()
    {
        using var directory = new TempDirectory();
        File.SetUnixFileMode(directory.Write("garbage", "\0not a program"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.That(
            () => RunAsync(directory["garbage"]),
            Throws.TypeOf<ToolException>().With.Property(nameof(ToolException.IsMissing)).False.And.Message.Contains("garbage could not be started"));
    }

    [Test]
    public void RunAsync_ToolThatDoesNotEnd_IsKilledAndSaysSo()
    {
        var mark = $"60{Random.Shared.NextInt64(1_000_000, 9_999_999)}";
        Assert.That(
            () => Tool.RunAsync("sleep", [mark], TimeSpan.FromMilliseconds(50), CancellationToken.None),
            Throws.TypeOf<ToolException>().With.Property(nameof(ToolException.IsMissing)).False
                .And.Message.EqualTo("sleep did not end within 0.1 s and was killed"));
        Assert.That(EndsSoon(mark), "it is gone");
    }

    [Test]
    public void RunAsync_Cancelled_KillsTheToolAndWhatItStarted()
    {
        var mark = $"60{Random.Shared.NextInt64(1_000_000, 9_999_999)}";
        using var cancellation = new CancellationTokenSource();
        var run = Tool.RunAsync("sh", ["-c", $"sleep {mark}; true"], Plenty, cancellation.Token);
        Assert.That(() => With(mark), Is.Not.Empty.After(10_000, 10), "it runs");
        cancellation.Cancel();
        Assert.That(() => run, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(EndsSoon(mark), "it is gone");
    }

    // An empty entry of PATH is the current directory to a shell.
    [TestCase("LC_ALL=C")]
    [TestCase("PATH=.:/usr/bin:/bin")]
    [TestCase("PATH=:/usr/bin:/bin:")]
    public void RunAsync_SameNameInTheCurrentDirectory_IsNotRun(string environment)
    {
        using var directory = new TempDirectory();
        File.SetUnixFileMode(
            directory.Write("cloudbr-no-such-tool", "#!/bin/sh\necho trap\n"),
            UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.That(Child.Run([$"--chdir={directory.Path}", environment], "tool", "cloudbr-no-such-tool"), Is.EqualTo("missing"));
    }

    private static Task<ToolResult> RunAsync(string name, params IReadOnlyList<string> arguments) =>
        Tool.RunAsync(name, arguments, Plenty, CancellationToken.None);

    private static bool EndsSoon(string argument) => With(argument).All(id =>
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return process.WaitForExit(TimeSpan.FromSeconds(20));
        }
        catch (ArgumentException)
        {
            return true;
        }
    });

    /// <summary>The processes that have this for an argument.</summary>
    private static List<int> With(string argument)
    {
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(directory), out var id)
                    && File.ReadAllText($"{directory}/cmdline").Split('\0') is ["sleep", var only, ..] && only == argument)
                {
                    found.Add(id);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return found;
    }
}
