using System.Text;
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
        Assert.That(result with { ProcessId = 0 }, Is.EqualTo(new ToolResult(code, " out\n\n", "\terr")));
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
    public async Task RunAsync_InputLongerThanPipesHold_ArrivesWhole()
    {
        var input = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i}\n"));
        var result = await RunAsync(new ToolCall("cat", []) { WriteInput = (stream, c) => stream.WriteAsync(Encoding.UTF8.GetBytes(input), c).AsTask() });
        Assert.That(result.Output == input);
    }

    [Test]
    public async Task RunAsync_ToolThatFailsBeforeItReadsAll_SaysWhyItself()
    {
        var result = await RunAsync(new ToolCall("sh", ["-c", "echo broken >&2; exit 3"]) { WriteInput = WriteForEver });
        Assert.That(result with { ProcessId = 0 }, Is.EqualTo(new ToolResult(3, "", "broken\n")));
    }

    [Test]
    public void RunAsync_ToolThatEndsWellWithoutReadingAll_IsAFailure() => Assert.That(
        () => RunAsync(new ToolCall("true", []) { WriteInput = WriteForEver }),
        Throws.TypeOf<ToolException>().With.Message.StartsWith("true did not read all of its input"));

    [Test]
    public void RunAsync_ToolThatNeverReads_IsKilledInTime() => Assert.That(
        () => Tool.RunAsync(new ToolCall("sleep", ["1000"]) { WriteInput = WriteForEver }, TimeSpan.FromMilliseconds(50), CancellationToken.None),
        Throws.TypeOf<ToolException>().With.Message.Contains("was killed"));

    [Test]
    public void RunAsync_InputCannotBeMade_IsThatFailureAndTheToolIsGone()
    {
        var mark = $"60{Random.Shared.NextInt64(1_000_000, 9_999_999)}";
        Assert.That(
            () => RunAsync(new ToolCall("sleep", [mark]) { WriteInput = (_, _) => throw new FormatException("no input") }),
            Throws.TypeOf<FormatException>());
        Assert.That(EndsSoon(mark), "it is gone");
    }

    [Test]
    public async Task RunAsync_EnvironmentAndFolder_AreThoseGivenAndNothingElse()
    {
        var call = new ToolCall("sh", ["-c", "pwd; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort"])
        {
            Environment = new Dictionary<string, string> { ["A"] = "b c" },
            WorkingDirectory = "/usr",
        };
        Assert.That((await RunAsync(call)).Output, Is.EqualTo("/usr\nA=b c\nLC_ALL=C\n"));
    }

    [Test]
    public async Task RunAsync_Unhurried_RunsAtTheLowestPriority() =>
        Assert.That((await RunAsync(new ToolCall("nice", []) { IsUnhurried = true })).Output, Is.EqualTo("19\n"));

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

    private static Task<ToolResult> RunAsync(ToolCall call) => Tool.RunAsync(call, Plenty, CancellationToken.None);

    private static async Task WriteForEver(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            await stream.WriteAsync(new byte[4096], cancellationToken);
        }
    }

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
