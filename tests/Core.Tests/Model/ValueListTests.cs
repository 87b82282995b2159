using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Tests.Model;

internal sealed class ValueListTests
{
    [Test]
    public void Equals_SameItemsInTheSameOrder_AreEqual()
    {
        ValueList<int> left = [1, 2];
        ValueList<int> right = [1, 2];
        Assert.That(left == right && left.GetHashCode() == right.GetHashCode());
    }

    [Test]
    public void Equals_OtherOrder_Differs()
    {
        ValueList<int> left = [1, 2];
        ValueList<int> right = [2, 1];
        Assert.That(left != right);
    }

    [Test]
    public void Default_IsTheEmptyList()
    {
        ValueList<string> never = default;
        Assert.That(never == [] && never.GetHashCode() == ((ValueList<string>)[]).GetHashCode());
        Assert.That(never.Count, Is.Zero);
        Assert.That(never.AsEnumerable(), Is.Empty);
        Assert.That(never.ToString(), Is.EqualTo("[]"));
    }

    [Test]
    public void ToValueList_OfASequence_HasItsItems()
    {
        var list = Enumerable.Range(1, 3).ToValueList();
        Assert.That((list.Count, list[2], list.ToString()), Is.EqualTo((3, 3, "[1, 2, 3]")));
    }
}
