using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>What a list of steps may have changed: the names to read anew. Forwarding entries are <see cref="ForwardingReports"/>' matter.</summary>
internal sealed class Touched
{
    public HashSet<string> Links { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Addresses { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Those whose traffic is held to another rate.</summary>
    public HashSet<string> Shaping { get; } = new(StringComparer.Ordinal);

    public bool Routes { get; private set; }

    public static Touched By(IReadOnlyList<PlanStep> steps)
    {
        var touched = new Touched();
        foreach (var step in steps)
        {
            touched.Add(step);
        }

        return touched;
    }

    private void Add(PlanStep step)
    {
        switch (step)
        {
            case CreateLink create:
                Links.Add(create.Spec.Name);
                break;
            case DeleteLink delete:
                Links.Add(delete.Spec.Name);
                break;
            case ChangeLink change:
                Links.Add(change.Link);
                break;
            case AddAltName name:
                Links.Add(name.Link);
                break;
            case RemoveAltName name:
                Links.Add(name.Link);
                break;
            case AddAddress address:
                Addresses.Add(address.Link);
                Routes = true;
                break;
            case RemoveAddress address:
                Addresses.Add(address.Link);
                Routes = true;
                break;
            case AddRoute or RemoveRoute or MoveRoute:
                Routes = true;
                break;
            case SetEgress egress:
                Shaping.Add(egress.Link);
                break;
            case SetIngress ingress:
                Shaping.Add(ingress.Link);
                break;
            case SetSetting setting:
                Settings.Add(setting.Name);
                break;
        }
    }
}
