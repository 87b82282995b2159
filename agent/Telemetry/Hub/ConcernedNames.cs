using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// The ids, labels, kernel names and addresses that an event is about: what a subscription's <c>only</c> is held against. Taken from
/// the whole report, so that shortening it hides nothing from anybody.
/// </summary>
internal static class ConcernedNames
{
    /// <param name="subjects">What it is about.</param>
    /// <param name="label">What that stands on; empty if that is not known.</param>
    public static IReadOnlyCollection<string> In(IEnumerable<ObjectRef> subjects, string label)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var subject in subjects)
        {
            Add(names, subject);
        }

        AddOne(names, label);
        return names;
    }

    /// <summary>A device that went is no longer known by its name to who has only what is now.</summary>
    public static IReadOnlyCollection<string> In(PortDesign before, PortDesign now) =>
        [.. new[] { now.Port.NicId, now.Port.Network, now.Bridge, before.Device, now.Device }.Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];

    public static IReadOnlyCollection<string> In(ChangeReport report, IEnumerable<string> also)
    {
        var names = new HashSet<string>(also.Where(n => n.Length > 0), StringComparer.Ordinal);
        foreach (var change in report.Changes)
        {
            Add(names, change.Step.Subject);
        }

        foreach (var failure in report.Failures)
        {
            Add(names, failure.Subject);
        }

        foreach (var warning in report.Warnings)
        {
            Add(names, warning.Subject);
        }

        // Kept for long and read rarely: an array is a third of the set.
        return [.. names];
    }

    private static void Add(HashSet<string> names, ObjectRef subject)
    {
        AddOne(names, subject.Id);
        AddOne(names, subject.Scope);
        AddOne(names, subject.Name);
        if (subject.Name.Contains(' ', StringComparison.Ordinal))
        {
            // A forwarding entry's name is a MAC and the peer's address.
            foreach (var part in subject.Name.Split(' '))
            {
                AddOne(names, part);
            }
        }
    }

    private static void AddOne(HashSet<string> names, string name)
    {
        if (name.Length > 0)
        {
            names.Add(name);
        }
    }
}
