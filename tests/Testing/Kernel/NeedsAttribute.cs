using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Cloudbr.Agent.Testing.Kernel;

/// <summary>
/// Skips a test or a fixture by name where the kernel cannot do what it needs. Such a test must then run in the lab:
/// `tests/run` fails when it ran in neither place.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class NeedsAttribute(params Feature[] features) : NUnitAttribute, IApplyToTest
{
    public IReadOnlyList<Feature> Features { get; } = features;

    public void ApplyToTest(Test test)
    {
        if (test.RunState == RunState.NotRunnable)
        {
            return;
        }

        foreach (var feature in Features)
        {
            if (FeatureProbe.WhyMissing(feature) is { } evidence)
            {
                test.RunState = RunState.Ignored;
                test.Properties.Set(
                    PropertyNames.SkipReason, $"needs {FeatureProbe.NameOf(feature)}, which this kernel lacks ({evidence})");
                return;
            }
        }
    }
}
