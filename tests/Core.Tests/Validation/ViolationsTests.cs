using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

internal sealed class ViolationsTests
{
    [Test]
    public void Any_NothingFound_IsFalse()
    {
        var violations = new Violations();
        Assert.That(violations.Any, Is.False);
        Assert.That(violations.Found, Is.Empty);
    }

    [Test]
    public void Add_Several_AreKeptInTheOrderFound()
    {
        var violations = new Violations();
        violations.Add("ports[2].addresses[0]", "is no address");
        violations.Add("term", "is required");
        Assert.That(violations.Any, Is.True);
        Assert.That(violations.Found, Is.EqualTo(new[]
        {
            new Violation("ports[2].addresses[0]", "is no address"), new Violation("term", "is required"),
        }));
    }

    [Test]
    public void Require_ConditionHolds_FindsNothing()
    {
        var violations = new Violations();
        violations.Require(true, "term", "is required");
        Assert.That(violations.Any, Is.False);
    }

    [Test]
    public void Require_ConditionDoesNotHold_IsFound()
    {
        var violations = new Violations();
        violations.Require(false, "term", "is required");
        Assert.That(violations.Found, Is.EqualTo(new[] { new Violation("term", "is required") }));
    }
}
