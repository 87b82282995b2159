namespace Cloudbr.Agent.Interop.Peers;

/// <summary>@grpc/grpc-js on node. Its modules are fetched by npm in the versions of the committed lock file.</summary>
internal static class GrpcJs
{
    private static readonly string[] Manifests = ["package.json", "package-lock.json"];

    /// <summary>Written last by npm: the lock file of what is really there.</summary>
    private static readonly string Installed = Path.Combine(Workspace.Node, "node_modules", ".package-lock.json");

    public static ForeignClient Client(ServerAddress server)
    {
        string[] arguments = [Source("client.js"), "--protos", Workspace.Protos, "--target", server.Text];
        return ForeignClient.Start("node", [.. arguments, .. ForeignClient.TlsArguments(server.Transport)], Workspace.Node);
    }

    public static async Task InstallAsync()
    {
        if (File.Exists(Installed) && Manifests.All(IsUpToDate))
        {
            return;
        }

        Directory.CreateDirectory(Workspace.Node);
        foreach (var name in Manifests)
        {
            File.Copy(Source(name), Path.Combine(Workspace.Node, name), overwrite: true);
        }

        // Nothing of these packages needs an install script.
        await Child.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Workspace.Node);
    }

    private static bool IsUpToDate(string name)
    {
        var copy = Path.Combine(Workspace.Node, name);
        return File.Exists(copy) && File.ReadAllText(copy) == File.ReadAllText(Source(name));
    }

    private static string Source(string name) => Path.Combine(Workspace.Source, "node", name);
}
