using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Protocol;

internal sealed class MetadataTextTests
{
    [Property(MaxTest = 300)]
    public void TryAdd_BytesWithOrWithoutPadding_ComeBack(byte[] bytes, bool padded)
    {
        var header = MetadataText.ToHeader(new Metadata.Entry("key-bin", bytes));
        var metadata = new Metadata();

        Assert.That(MetadataText.TryAdd(metadata, "key-bin", padded ? header : header.TrimEnd('=')));
        Assert.That(metadata.GetValueBytes("key-bin"), Is.EqualTo(bytes));
    }

    [Property(MaxTest = 100)]
    public void TryAdd_BytesJoinedByCommas_ComeBackOneByOne(byte[][] values, bool spaced)
    {
        var joined = string.Join(spaced ? ", " : ",", values.Select(v => Convert.ToBase64String(v).TrimEnd('=')));
        var metadata = new Metadata();

        Assert.That(MetadataText.TryAdd(metadata, "key-bin", joined));
        Assert.That(
            metadata.Select(e => e.ValueBytes), Is.EqualTo(values.Length == 0 ? [[]] : values));
    }

    [Test]
    public void TryAdd_LongBytes_ComeBack()
    {
        var bytes = new byte[5001];
        new Random(1).NextBytes(bytes);
        var metadata = new Metadata();

        Assert.That(MetadataText.TryAdd(metadata, "key-bin", Convert.ToBase64String(bytes)));
        Assert.That(metadata.GetValueBytes("key-bin"), Is.EqualTo(bytes));
    }

    [Test]
    public void TryAdd_BrokenBase64_IsRefused([Values("!", "a", "YQ==YQ==", "YWJjZ", "ä", "YQ=a")] string value) =>
        Assert.That(MetadataText.TryAdd([], "key-bin", value), Is.False);

    [Property(MaxTest = 300)]
    public void TryAdd_AnyText_NeverThrows(string? value, string? name) =>
        Assert.That(
            () => (MetadataText.TryAdd([], "key-bin", value ?? ""), MetadataText.TryAdd([], name ?? "", value ?? "")), Throws.Nothing);

    [Test]
    public void TryAdd_TextWithCommas_IsOneValue()
    {
        var metadata = new Metadata();

        Assert.That(MetadataText.TryAdd(metadata, "key", "a, b,c"));
        Assert.That(metadata.Single().Value, Is.EqualTo("a, b,c"));
    }

    [Test]
    public void ToHeader_TextThatNoHeaderCarries_LosesOnlyThoseCharacters() =>
        Assert.That(MetadataText.ToHeader(new Metadata.Entry("key", "grüß\r\nGott ~")), Is.EqualTo("gr????Gott ~"));
}
