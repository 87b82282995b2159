using System.Xml.Linq;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Daemon.Tests.House;

/// <summary>A project file as it is written, with the conditions of its references.</summary>
internal sealed class Project
{
    private readonly XDocument _xml;

    private Project(string path)
    {
        Path = path;
        _xml = XDocument.Load(path);
    }

    public string Path { get; }

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>agent/Core, tests/Core.Tests, protos …</summary>
    public string Folder => System.IO.Path.GetRelativePath(Repository.Root, System.IO.Path.GetDirectoryName(Path)!);

    /// <summary>Every project of the repository.</summary>
    public static IReadOnlyList<Project> All { get; } =
    [
        .. new[] { "agent", "protos", "tests" }
            .SelectMany(d => Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, d), "*.csproj", SearchOption.AllDirectories))
            .Where(p => !p.Contains("/obj/", StringComparison.Ordinal) && !p.Contains("/node_modules/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(p => new Project(p)),
    ];

    /// <summary>What stands only in what is delivered.</summary>
    public static IEnumerable<Project> Delivered => All.Where(p => p.Folder == "protos" || p.Folder.StartsWith("agent/", StringComparison.Ordinal));

    /// <summary>The folders of the projects referred to under this condition; "" is none.</summary>
    public IEnumerable<string> ProjectReferences(string condition) => References("ProjectReference", condition)
        .Select(r => System.IO.Path.GetRelativePath(
            Repository.Root, System.IO.Path.GetDirectoryName(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, r))!));

    /// <summary>The packages referred to under this condition; "" is none.</summary>
    public IEnumerable<string> PackageReferences(string condition) => References("PackageReference", condition);

    public IEnumerable<XElement> Elements(string name) => _xml.Descendants(name);

    public override string ToString() => Folder;

    /// <summary>The condition of an element and of all that it stands in.</summary>
    public static string ConditionOf(XElement element) =>
        string.Join(" and ", element.AncestorsAndSelf().Select(e => (string?)e.Attribute("Condition")).Where(c => !string.IsNullOrEmpty(c)));

    private IEnumerable<string> References(string kind, string condition) =>
        Elements(kind).Where(e => ConditionOf(e) == condition).Select(e => (string?)e.Attribute("Include")).OfType<string>();
}
