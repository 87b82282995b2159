using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Api;

internal sealed class MetadataTests
{
    [Test]
    public void Get_KeyInAnyCase_FindsTheLastEntry()
    {
        var metadata = new Metadata { { "Key", "first" }, { "other", "x" }, { "KEY", "last" } };

        Assert.That(metadata.Get("kEy")!.Value, Is.EqualTo("last"));
        Assert.That(metadata.GetValue("key"), Is.EqualTo("last"));
        Assert.That(metadata.GetAll("key").Select(e => e.Value), Is.EqualTo(new[] { "first", "last" }));
        Assert.That(metadata.Get("none"), Is.Null);
        Assert.That(metadata.GetValue("none"), Is.Null);
        Assert.That(metadata.GetValueBytes("none"), Is.Null);
        Assert.That(metadata.GetAll("none"), Is.Empty);
    }

    [Test]
    public void Entry_Key_IsLowerCased() => Assert.That(new Metadata.Entry("X-Key", "v").Key, Is.EqualTo("x-key"));

    [Test]
    public void Entry_KeyWithOtherCharacters_IsRefused([Values("", "a b", "a:b", "ä", "a/b")] string key) =>
        Assert.That(() => new Metadata.Entry(key, "v"), Throws.ArgumentException);

    [Test]
    public void Entry_TextUnderABinaryKeyAndBytesUnderATextKey_AreRefused()
    {
        Assert.That(() => new Metadata.Entry("key-bin", "text"), Throws.ArgumentException);
        Assert.That(() => new Metadata.Entry("key", new byte[1]), Throws.ArgumentException);
    }

    [Test]
    public void Entry_OfBytes_HasNoTextAndCannotBeChangedFromOutside()
    {
        byte[] bytes = [1, 2];
        var entry = new Metadata.Entry("key-bin", bytes);
        bytes[0] = 9;
        entry.ValueBytes[1] = 9;

        Assert.That(entry.IsBinary);
        Assert.That(entry.ValueBytes, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(() => entry.Value, Throws.InvalidOperationException);
    }

    [Test]
    public void Entry_OfText_HasBytesToo()
    {
        var entry = new Metadata.Entry("key", "ab");

        Assert.That(entry.IsBinary, Is.False);
        Assert.That(entry.ValueBytes, Is.EqualTo("ab"u8.ToArray()));
        Assert.That(entry.ToString(), Is.EqualTo("[Entry: key=key, value=ab]"));
    }

    [Test]
    public void Empty_CannotBeChanged()
    {
        var entry = new Metadata.Entry("key", "v");

        Assert.That(Metadata.Empty.IsReadOnly);
        Assert.That(() => Metadata.Empty.Add("key", "v"), Throws.InvalidOperationException);
        Assert.That(() => Metadata.Empty.Insert(0, entry), Throws.InvalidOperationException);
        Assert.That(() => Metadata.Empty.Remove(entry), Throws.InvalidOperationException);
        Assert.That(() => Metadata.Empty.Clear(), Throws.InvalidOperationException);
        Assert.That(Metadata.Empty, Is.Empty);
    }

    [Test]
    public void List_Operations_KeepTheOrder()
    {
        var (a, b, c) = (new Metadata.Entry("a", "1"), new Metadata.Entry("b", "2"), new Metadata.Entry("c", "3"));
        var metadata = new Metadata { a, c };
        metadata.Insert(1, b);
        metadata[2] = a;
        Assert.That(metadata, Is.EqualTo(new[] { a, b, a }));

        Assert.That(metadata.Remove(a));
        metadata.RemoveAt(0);
        Assert.That(metadata, Is.EqualTo(new[] { a }));
        Assert.That(metadata.IndexOf(a), Is.Zero);
        Assert.That(metadata.Contains(b), Is.False);
        Assert.That(() => metadata.Add(null!), Throws.ArgumentNullException);
    }
}
