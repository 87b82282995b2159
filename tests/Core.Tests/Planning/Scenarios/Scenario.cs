using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>Something on a host before the agent comes, or a part of a configuration: a list of them shrinks item by item.</summary>
/// <remarks>What cannot be, such as an address on a device that was shrunk away, is left out.</remarks>
public abstract record HostItem
{
    public abstract void PutOn(MemoryHost host);
}

/// <inheritdoc cref="HostItem"/>
public abstract record ConfigItem
{
    public abstract HostConfig AddTo(HostConfig config);
}

/// <summary>A host, a configuration that came first, another one after it, and the seed of an order.</summary>
public sealed record Scenario(ValueList<HostItem> Host, ValueList<ConfigItem> First, ValueList<ConfigItem> Second, int Order)
{
    public MemoryHost NewHost()
    {
        var host = new MemoryHost();
        foreach (var item in Host)
        {
            try
            {
                item.PutOn(host);
            }
            catch (KernelRefusedException)
            {
                // Shrinking took away what it stands on.
            }
        }

        return host;
    }

    public HostConfig FirstConfig => Config(First);

    public HostConfig SecondConfig => Config(Second);

    public IEnumerable<Scenario> Shrunk()
    {
        foreach (var host in Shorter(Host))
        {
            yield return this with { Host = host };
        }

        foreach (var first in Shorter(First))
        {
            yield return this with { First = first };
        }

        foreach (var second in Shorter(Second))
        {
            yield return this with { Second = second };
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"\norder {Order}\nhost:\n");
        Append(text, Host);
        Append(text.Append("first:\n"), First);
        return Append(text.Append("second:\n"), Second).ToString();
    }

    private static StringBuilder Append<T>(StringBuilder text, ValueList<T> items)
    {
        foreach (var item in items)
        {
            text.Append("  ").Append(item).Append('\n');
        }

        return text;
    }

    private static HostConfig Config(ValueList<ConfigItem> items)
    {
        var config = HostConfig.Empty;
        foreach (var item in items)
        {
            config = item.AddTo(config);
        }

        return config;
    }

    private static IEnumerable<ValueList<T>> Shorter<T>(ValueList<T> list)
    {
        if (list.Count > 2)
        {
            yield return list.Take(list.Count / 2).ToValueList();
            yield return list.Skip(list.Count / 2).ToValueList();
        }

        for (var i = 0; i < list.Count; i++)
        {
            var without = i;
            yield return list.Where((_, at) => at != without).ToValueList();
        }
    }
}
