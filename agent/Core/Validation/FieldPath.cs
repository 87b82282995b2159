namespace Cloudbr.Agent.Core.Validation;

/// <summary>
/// Where in a request something stands: <c>config.networks[3]</c>. It becomes text only when there is something to say about it,
/// for almost always there is not.
/// </summary>
public readonly record struct FieldPath(string Name, int Index = -1)
{
    public override string ToString() => Index < 0 ? Name : $"{Name}[{Index}]";
}
