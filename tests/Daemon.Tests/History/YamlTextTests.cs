using System.Collections;
using Cloudbr.Agent.Daemon.History;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.V1;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;

namespace Cloudbr.Agent.Daemon.Tests.History;

/// <summary>The history's YAML says what the messages say, and another reader understands it so.</summary>
internal sealed class YamlTextTests
{
    private static readonly string[] Nasty =
    [
        "", " ", "a ", " a", "yes", "No", "ON", "off", "y", "n", "true", "False", "null", "Null", "NULL", "~", "0", "1", "-1", "+1", "0x1f", "0o17",
        "017", "1e3", "1.5", ".5", "5.", "1_000", "12:30:45", "1:2", ".inf", "-.INF", ".nan", "NaN", "Infinity", "2026-03-01",
        "2026-03-01T12:00:00Z", "=", "<<", "-", "- a", "? a", ": a", "a: b", "a:", "a #b", "#a", "&a", "*a", "!a", "!!str a", "|", ">", "|-", "%YAML 1.2",
        "@a", "`a", "'", "\"", "'a'", "\"a\"", "[a]", "{a}", "[", "{", ",", "---", "...", "--- a", "\\", "\\n", "a\\", "\n", "a\nb", "a\n", "\r\n", "\t", "a\tb",
        "\0", "\u0001", "\u001b[31m", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\u202e", "\ue000", "\ufffd", "\ufffe", "é", "日本", "😀",
        "\U000e0001", "\U0010ffff", "123e4567-e89b-12d3-a456-426614174000", " 123e4567-e89b-12d3-a456-426614174000", "192.0.2.11", "192.0.2.0/24", "2001:db8::11", "02:00:5e:10:00:01", "20:30:40",
        "60s", "a  b", "a - b", "a, b", "a=b", "web-tier", "CN=mgmt-1", "uid=0", "eth0.200", "1e", "e1", "0b1", "0.0", "1-1", "685e2-1", "12e03",
    ];

    [TestCaseSource(nameof(Nasty))]
    public void Of_AwkwardText_IsReadAsThatText(string text)
    {
        var network = new Network { Id = "n", DisplayName = text };
        Assert.That(Yaml.Parse<Network>(YamlText.Of(network)), Is.EqualTo(network));
    }

    [TestCaseSource(nameof(Nasty))]
    public void Of_AwkwardTextInAList_IsReadAsThatText(string text)
    {
        var access = new HostAccess { PeerCidrs = { text, "x", text } };
        Assert.That(Yaml.Parse<HostAccess>(YamlText.Of(access)), Is.EqualTo(access));
    }

    [TestCaseSource(nameof(Nasty))]
    public void Of_TextThatIsNotQuoted_NoReaderTakesForAnythingElse(string text)
    {
        // The words and the shapes of numbers, dates and times of YAML 1.1, as its type repository has them.
        var written = YamlScalar.Of(text);
        if (!written.StartsWith('"'))
        {
            Assert.That(written, Is.EqualTo(text));
            Assert.That(text, Does.Not.Match("(?i)^(y|yes|n|no|true|false|on|off|null|~|=|<<|)$"));
            Assert.That(text, Does.Not.Match(@"^[-+]?(0b[01_]+|0[0-7_]+|(0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+|[1-9][0-9_]*(:[0-5]?[0-9])+)$"));
            Assert.That(text, Does.Not.Match(@"^[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?$|^[-+]?[0-9]+[eE][-+]?[0-9]+$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"));
            Assert.That(text, Does.Not.Match(@"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"));
        }
    }

    [TestCase("192.0.2.11")]
    [TestCase("192.0.2.0/24")]
    [TestCase("web-tier")]
    [TestCase("123e4567-e89b-12d3-a456-426614174000")]
    [TestCase("CN=mgmt-1")]
    public void Of_PlainText_StaysPlain(string text) => Assert.That(YamlScalar.Of(text), Is.EqualTo(text));

    [Test]
    public void Of_WritingDirection_IsShownAndNotObeyed() => Assert.That(YamlScalar.Of("a\u202eb\u200b"), Is.EqualTo("\"a\\u202Eb\\u200B\""));

    [Test]
    public void Of_NoFieldSet_IsAnEmptyMap() => Assert.That(YamlText.Of(new Network()), Is.EqualTo("{}\n"));

    [Test]
    public void Of_Sample_ReadsAsPeopleWriteIt() => Assert.That(
        YamlText.Of(new HostConfig
        {
            Networks = { Samples.Static(), Samples.Untagged() },
            Providers = { new ProviderSetting { Name = "openvswitch" }, new ProviderSetting() },
            Drift = new DriftPolicy { AuditInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(90)) },
        }),
        Is.EqualTo("""
            networks:
              - id: net-3
                physical_network: cloudbr1
                vxlan:
                  vni: 102
                  static:
                    peers:
                      - address: 192.0.2.12
                      - address: 192.0.2.13
                    entries:
                      - mac: "02:00:00:00:00:05"
                        peer_address: 192.0.2.12
                    learning: true
                mtu_policy: MTU_POLICY_REQUIRE
              - id: net-5
                physical_network: cloudbr1
                untagged: {}
                mtu_policy: MTU_POLICY_REQUIRE
            providers:
              - name: openvswitch
              - {}
            drift:
              audit_interval: "90s"

            """));

    [Property(MaxTest = 1000)]
    public Property Of_AnyConfigOfTheContract_IsReadAsTheSame() => Prop.ForAll(
        Messages(HostConfig.Descriptor),
        config =>
        {
            var yaml = YamlText.Of(config);
            return Yaml.Parse<HostConfig>(yaml).Equals(config).Label(yaml);
        });

    [Property(MaxTest = 1000)]
    public Property Of_AnyText_IsReadAsThatText() => Prop.ForAll(
        Texts.ToArbitrary(),
        text =>
        {
            var written = YamlScalar.Of(text);
            var parser = new Parser(new StringReader($"a: {written}\n"));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            parser.Consume<MappingStart>();
            parser.Consume<Scalar>();
            return (parser.Consume<Scalar>().Value == text).Label(written);
        });

    /// <summary>Nasty ones, parts of them joined, and any characters that UTF-8 has.</summary>
    private static Gen<string> Texts => Gen.OneOf(
        Gen.Elements(Nasty),
        Gen.Elements(Nasty).Two().Select(t => t.Item1 + t.Item2),
        Gen.Choose(0, 0x10ffff).Where(c => c is < 0xd800 or > 0xdfff).ArrayOf().Select(a => string.Concat(a.Select(char.ConvertFromUtf32))));

    private static Arbitrary<HostConfig> Messages(MessageDescriptor type) => Gen.Zip(Gen.Choose(0, int.MaxValue), Texts.ListOf(8))
        .Select(t => (HostConfig)Fill(type, new System.Random(t.Item1), [.. t.Item2], 4)).ToArbitrary();

    private static IMessage Fill(MessageDescriptor type, System.Random random, string[] texts, int depth)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder().Where(_ => random.Next(2) == 0))
        {
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var i = random.Next(4); i > 0 && (depth > 0 || field.FieldType != FieldType.Message); i--)
                {
                    list.Add(Value(field, random, texts, depth));
                }
            }
            else if (depth > 0 || field.FieldType != FieldType.Message)
            {
                field.Accessor.SetValue(message, Value(field, random, texts, depth));
            }
        }

        return message;
    }

    private static object Value(FieldDescriptor field, System.Random random, string[] texts, int depth) => field.FieldType switch
    {
        FieldType.String => texts[random.Next(texts.Length)],
        FieldType.Bool => random.Next(2) == 0,
        FieldType.UInt32 => (uint)random.NextInt64(random.Next(2) == 0 ? 2 : uint.MaxValue),
        FieldType.UInt64 => (ulong)random.NextInt64(),
        FieldType.Int32 => random.Next(int.MinValue, int.MaxValue),
        FieldType.Int64 => random.NextInt64(),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number),
        FieldType.Message when field.MessageType == Duration.Descriptor => new Duration { Seconds = random.Next(), Nanos = random.Next(1_000) * 1_000_000 },
        FieldType.Message => Fill(field.MessageType, random, texts, depth - 1),
        var other => throw new NotSupportedException($"{field.FullName} is {other}: the test has to learn it."),
    };
}
