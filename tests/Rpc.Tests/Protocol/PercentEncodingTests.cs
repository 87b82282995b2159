using System.Text;
using Cloudbr.Agent.Rpc.Protocol;
using FsCheck;

namespace Cloudbr.Agent.Rpc.Tests.Protocol;

internal sealed class PercentEncodingTests
{
    [Property(MaxTest = 500)]
    public void Encode_AnyText_IsPrintableAsciiAndComesBack(UnicodeString text)
    {
        var encoded = PercentEncoding.Encode(text.Get ?? "");

        Assert.That(encoded, Is.All.InRange(' ', '~'));
        Assert.That(PercentEncoding.Decode(encoded), Is.EqualTo(WellFormed(text.Get ?? "")));
    }

    [Property(MaxTest = 500)]
    public void Decode_AnyText_NeverThrows(string? text) => Assert.That(() => PercentEncoding.Decode(text ?? ""), Throws.Nothing);

    [Property(MaxTest = 500)]
    public void Decode_AnyEscapes_NeverThrows(byte[] bytes) =>
        Assert.That(() => PercentEncoding.Decode(string.Concat(bytes.Select(b => $"%{b:x2}"))), Throws.Nothing);

    [TestCase("plain text ~!", "plain text ~!")]
    [TestCase("100%", "100%25")]
    [TestCase("tab\there\r\n", "tab%09here%0D%0A")]
    [TestCase("grüß", "gr%C3%BC%C3%9F")]
    [TestCase("\U0001F980", "%F0%9F%A6%80")]
    [TestCase("\x7f", "%7F")]
    [TestCase("", "")]
    public void Encode_KnownTexts_AreAsTheProtocolWantsThem(string text, string encoded)
    {
        Assert.That(PercentEncoding.Encode(text), Is.EqualTo(encoded));
        Assert.That(PercentEncoding.Decode(encoded), Is.EqualTo(text));
    }

    [TestCase("%c3%bc", "ü", TestName = "Decode_LowerCaseEscapes_AreUnderstood")]
    [TestCase("50% off", "50% off", TestName = "Decode_LonePercent_IsKept")]
    [TestCase("%4", "%4", TestName = "Decode_HalfAnEscapeAtTheEnd_IsKept")]
    [TestCase("%zz%41", "%zzA", TestName = "Decode_EscapeThatIsNoHex_IsKept")]
    [TestCase("%FF!", "\uFFFD!", TestName = "Decode_BytesThatAreNoUtf8_AreReplaced")]
    public void Decode(string text, string decoded) => Assert.That(PercentEncoding.Decode(text), Is.EqualTo(decoded));

    /// <summary>Half a surrogate pair cannot be UTF-8; it becomes the replacement character.</summary>
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
