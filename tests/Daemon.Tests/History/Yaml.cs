using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using YamlDotNet.Serialization;

namespace Cloudbr.Agent.Daemon.Tests.History;

/// <summary>YAML as another reader understands it.</summary>
internal static class Yaml
{
    /// <summary>The reader decides by itself what is a text, a number, a truth value or nothing.</summary>
    private static readonly IDeserializer Reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    public static object? Read(string yaml) => Reader.Deserialize<object?>(yaml);

    /// <summary>The message that apply would read, were the same written as JSON.</summary>
    public static T Parse<T>(string yaml)
        where T : IMessage, new() => JsonParser.Default.Parse<T>(ToJson(yaml));

    private static string ToJson(string yaml)
    {
        var json = new StringBuilder();
        Append(json, Read(yaml));
        return json.ToString();
    }

    private static void Append(StringBuilder json, object? node)
    {
        switch (node)
        {
            case IDictionary<object, object> map:
                json.Append('{');
                foreach (var (key, value) in map)
                {
                    json.Append(json[^1] == '{' ? "" : ",").Append(JsonSerializer.Serialize((string)key)).Append(':');
                    Append(json, value);
                }

                json.Append('}');
                break;
            case IEnumerable<object> list:
                json.Append('[');
                foreach (var value in list)
                {
                    json.Append(json[^1] == '[' ? "" : ",");
                    Append(json, value);
                }

                json.Append(']');
                break;
            case string text:
                json.Append(JsonSerializer.Serialize(text));
                break;
            case bool truth:
                json.Append(truth ? "true" : "false");
                break;
            default:
                json.Append(node is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : "null");
                break;
        }
    }
}
