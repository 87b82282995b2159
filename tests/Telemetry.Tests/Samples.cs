using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests;

/// <summary>What a dataplane says.</summary>
internal static class Samples
{
    /// <summary>A drift that can be told from others by its owner's id.</summary>
    public static Drift Drift(int number) => Drift(ObjectRef.Link("brvx-1", $"{number}"));

    public static Drift Drift(ObjectRef subject) => new(subject, DriftKind.Removed, []);

    public static Finding Finding(ObjectRef subject) => new()
    {
        Code = "OTHER_MANAGER", Subject = subject, Message = "somebody changes it", FirstSeen = ManualTime.Start, LastSeen = ManualTime.Start,
    };

    /// <summary>Of a port in the network "web".</summary>
    public static PortDesign Port(string nic, PortPresence presence, string device = "vnet3") => new(
        new Port { NicId = nic, Network = "web", Mac = MacAddress.Parse("02:00:4c:00:00:05") }, "brvx-101", device, 1450, presence);

    public static ChangeReport Report(params IReadOnlyList<StepReport> steps) => new()
    {
        RequestId = "r", Outcome = ChangeOutcome.Applied, Generation = 2, PreviousGeneration = 1, AcceptedAt = ManualTime.Start, Changes = steps,
    };

    /// <summary>One device of network "n{number}" that was made.</summary>
    public static StepReport Step(int number, StepProgress progress = StepProgress.Verified) => new(
        new CreateLink(ObjectRef.Link($"brvx-{number}", $"n{number}"), new LinkSpec { Name = $"brvx-{number}", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 }),
        progress);

    /// <summary>The numbers of the sample drifts among these events.</summary>
    public static int[] DriftsIn(IEnumerable<TelemetryEvent> events) =>
        [.. events.Select(e => e.Payload).OfType<DriftEvent>().Select(d => int.Parse(d.Drift.Subject.Id))];

    public static Gap[] GapsIn(IEnumerable<TelemetryEvent> events) => [.. events.Select(e => e.Payload).OfType<Gap>()];
}
