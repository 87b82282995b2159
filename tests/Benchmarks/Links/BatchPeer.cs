using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Benchmarks.Links;

/// <summary>The same networks by <c>ip -batch</c>, and <c>bridge -batch</c> for forwarding entries, as a good script does it.</summary>
internal sealed class BatchPeer : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly TempDirectory _files = new();
    private readonly Underlay _underlay = new();
    private readonly bool _isStatic;

    public BatchPeer(bool isStatic)
    {
        _isStatic = isStatic;
        _underlay.Host.Exec("sysctl", "-qw", "net.ipv4.igmp_max_memberships=65535");
    }

    public double Create(int count, int from = 1)
    {
        var (links, entries) = (new StringBuilder(), new StringBuilder());
        for (var vni = from; vni < from + count; vni++)
        {
            var how = _isStatic ? "local 192.0.2.1" : string.Create(CultureInfo.InvariantCulture, $"group 239.0.{vni >> 8}.{vni & 255} ttl 10 dev eth0");
            links.Append(CultureInfo.InvariantCulture, $"link add name brvx-{vni} type bridge\n");
            links.Append(CultureInfo.InvariantCulture, $"link add name vxlan{vni} type vxlan id {vni} dstport 4789 {how}\n");
            links.Append(CultureInfo.InvariantCulture, $"link set vxlan{vni} master brvx-{vni} up\n");
            links.Append(CultureInfo.InvariantCulture, $"link set brvx-{vni} up\n");
            entries.Append(CultureInfo.InvariantCulture, $"fdb append 00:00:00:00:00:00 dst 192.0.2.2 dev vxlan{vni}\n");
            entries.Append(CultureInfo.InvariantCulture, $"fdb append 00:00:00:00:00:00 dst 192.0.2.3 dev vxlan{vni}\n");
        }

        var spent = Run("ip", links);
        return _isStatic ? spent + Run("bridge", entries) : spent;
    }

    public double Delete(int count)
    {
        var links = new StringBuilder();
        for (var vni = 1; vni <= count; vni++)
        {
            links.Append(CultureInfo.InvariantCulture, $"link del vxlan{vni}\nlink del brvx-{vni}\n");
        }

        return Run("ip", links);
    }

    /// <summary>
    /// Takes everything away in groups, so that the kernel is not still busy with it in the next run; in small ones, for while it removes
    /// one nobody else on the machine can change a device.
    /// </summary>
    public void Clear(int count)
    {
        var links = new StringBuilder();
        for (var vni = 1; vni <= count; vni++)
        {
            var group = 1 + (vni / 16);
            links.Append(CultureInfo.InvariantCulture, $"link set vxlan{vni} group {group}\nlink set brvx-{vni} group {group}\n");
        }

        for (var group = 1; group <= 1 + (count / 16); group++)
        {
            links.Append(CultureInfo.InvariantCulture, $"link del group {group}\n");
        }

        Run("ip", links);
    }

    public void Dispose()
    {
        _underlay.Dispose();
        _files.Dispose();
    }

    private double Run(string tool, StringBuilder commands)
    {
        var file = Path.Combine(_files.Path, "batch");
        File.WriteAllText(file, commands.ToString());
        var watch = Stopwatch.StartNew();
        _underlay.Host.TryExec([tool, "-batch", file], limit: Limit).EnsureSuccess();
        return watch.Elapsed.TotalMilliseconds;
    }
}
