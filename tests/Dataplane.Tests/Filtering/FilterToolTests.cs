using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.Tests.Filtering;

/// <summary>What a tool says is told, whatever its exit code is.</summary>
internal sealed class FilterToolTests
{
    private readonly List<string> _told = [];

    [Test]
    public async Task AWarning_OfAToolThatSucceeds_IsToldOnceForAsLongAsItIsTheSame()
    {
        var words = "# Warning: something\n";
        var tool = new FilterTool((_, _) => Task.FromResult(new ToolResult(0, "", words)), (name, said) => _told.Add($"{name}: {said}"));
        Assert.That(await tool.WriteAsync("iptables-restore", "*raw\nCOMMIT\n"), Is.Null);
        await tool.ReadAsync("iptables-restore");
        Assert.That(_told, Is.EqualTo(new[] { "iptables-restore: # Warning: something" }));
        words = "";
        await tool.ReadAsync("iptables-restore");
        words = "# Warning: something\n";
        await tool.ReadAsync("iptables-restore");
        Assert.That(_told, Has.Count.EqualTo(2), "it had been gone");
    }

    [Test]
    public async Task AToolThatLeavesALineOut_HasFailed_WhateverItsExitCodeIs()
    {
        var tool = new FilterTool((_, _) => Task.FromResult(new ToolResult(0, "", "iptables-restore: line 2 failed")), (_, said) => _told.Add(said));
        var failure = await tool.WriteAsync("iptables-restore", "*raw\n-A CB-x -j DROP\nCOMMIT\n");
        Assert.That((failure?.Reason, failure?.Message), Is.EqualTo(("FILTER_INCOMPLETE", "iptables-restore left out a part of what it was given")));
        Assert.That(failure?.Evidence, Does.Contain("2: -A CB-x -j DROP"));
    }

    [Test]
    public async Task AToolThatCannotRead_SaysSoInItsOwnWords()
    {
        var tool = new FilterTool((_, _) => Task.FromResult(new ToolResult(3, "", "can't initialize iptables table `filter': Permission denied")));
        var failure = (await Assert.ThrowsAsync<KernelException>(() => tool.ReadAsync("iptables-save")))!.Failure;
        Assert.That((failure.Reason, failure.Message), Is.EqualTo(("FILTER_UNREADABLE", "iptables-save could not read the packet filter")));
        Assert.That(failure.Evidence, Does.Contain("exit code 3").And.Contain("Permission denied"));
    }
}
